"""Everything the registry keeps, in one folder."""

from __future__ import annotations

from io import BufferedReader
from pathlib import Path

from ci_publish.errors import UsageError
from ci_publish.oci import Digest
from ci_publish.server.catalogue import Catalogue
from ci_publish.server.contents import Contents, sync, sync_folder
from ci_publish.server.uploads import Upload, Uploads


class Storage:
    """The blobs' bytes, the entries of the repositories and the open uploads.

    What was acknowledged survives the death of the process at any instruction: bytes are on disk before their
    name, their name before their entry, and the entry before the answer. What a kill leaves between two of these is
    removed when the folder is opened again.

    Args:
        folder: made when missing; used by one process at a time.

    Raises:
        UsageError: the folder is in use, or holds something else.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "catalogue.sqlite"
        # files that have no entry are deleted below, so they had better be ours
        if not file.exists() and any(folder.iterdir()):
            raise UsageError(
                f"{folder} holds something other than a registry's storage",
                hint="give an empty or new folder with --storage",
            )
        self.catalogue = Catalogue(file)
        try:
            self.uploads = Uploads(folder / "uploads")
            self._contents = Contents(folder / "blobs")
            sync_folder(folder)
            self._contents.sweep(lambda digest: self.catalogue.blob_size_anywhere(digest) is not None)
        except BaseException:
            self.catalogue.close()
            raise

    def close(self) -> None:
        """Release the folder."""
        self.catalogue.close()

    def open_blob(self, digest: Digest) -> BufferedReader:
        """The bytes of a blob that some repository holds; the caller closes it.

        Raises:
            FileNotFoundError: its last repository has just let go of it.
        """
        return self._contents.open(digest)

    def keep(self, repository: str, upload: Upload, digest: Digest) -> None:
        """Make an upload, whose bytes have this digest, a blob of the repository and end its session."""
        size = upload.size
        # outside the transaction, which makes everyone else wait
        sync(upload.file)
        with self.catalogue.transaction():
            if not self._contents.has(digest):
                self._contents.adopt(upload.file, digest)
            self.catalogue.add_blob(repository, digest, size)
        self.uploads.end(upload)

    def mount(self, repository: str, digest: Digest, *, source: str | None) -> bool:
        """Let the repository have a blob of `source`, or of any repository; `False` when it is not there."""
        catalogue = self.catalogue
        with catalogue.transaction():
            size = catalogue.blob_size(source, digest) if source else catalogue.blob_size_anywhere(digest)
            if size is None:
                return False
            catalogue.add_blob(repository, digest, size)
        return True

    def remove_blob(self, repository: str, digest: Digest) -> bool:
        """Take a blob from a repository, and its bytes away with its last one; `False` when it was not there."""
        with self.catalogue.transaction():
            if not self.catalogue.remove_blob(repository, digest):
                return False
        with self.catalogue.transaction():
            # asked again: in between another repository may have got the blob, whose bytes must then stay
            if self.catalogue.blob_size_anywhere(digest) is None:
                self._contents.remove(digest)
        return True
