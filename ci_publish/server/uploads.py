"""Blobs on their way in."""

from __future__ import annotations

import hashlib
import re
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ci_publish.oci import Digest
from ci_publish.server.refusal import Refusal

_SESSION = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1024 * 1024
# How long a request waits for the one before it on the same upload: after a broken connection the client may
# be back before the server has read what was still on the way.
_PATIENCE_SECONDS = 5.0
# A day after its last byte an upload is given up.
_LIFETIME_SECONDS = 24 * 60 * 60


class Upload:
    """One upload session: the bytes so far, in a file, and their hash so far.

    Args:
        session: the id that the client knows it by.
        file: where the bytes are; what it holds is the truth about them.
        algorithm: of the digest that will probably be asked for.
    """

    def __init__(self, session: str, file: Path, *, algorithm: str) -> None:
        self.session = session
        self.file = file
        self._hasher = hashlib.new(algorithm)
        self._hashed = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self.file.stat().st_size

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep other requests from the session meanwhile.

        Raises:
            Refusal: another request is using it, or has just ended it.
        """
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise Refusal("BLOB_UPLOAD_INVALID", "another request is using this upload")
        try:
            if not self.file.exists():
                raise _unknown()
            yield
        finally:
            self._lock.release()

    def append(self, blocks: Iterable[memoryview]) -> int:
        """Add bytes at the end; the number of them. When `blocks` fails, those before it stay."""
        count = 0
        with self.file.open("ab") as file:
            for block in blocks:
                file.write(block)
                self._hasher.update(block)
                self._hashed += len(block)
                count += len(block)
        return count

    def truncate(self, size: int) -> None:
        """Forget all bytes behind the first `size`."""
        with self.file.open("rb+") as file:
            file.truncate(size)
        self._hashed = -1

    def digest(self, algorithm: str) -> Digest:
        """The digest of all bytes; they are read again only when they were not hashed as they came in."""
        if self._hasher.name == algorithm and self._hashed == self.size:
            return Digest.from_hasher(self._hasher)
        hasher = hashlib.new(algorithm)
        with self.file.open("rb") as file:
            while block := file.read(_BLOCK):
                hasher.update(block)
        return Digest.from_hasher(hasher)


class Uploads:
    """The sessions that are open, kept in a folder so that they outlive the process.

    A file's name tells session and repository; so nothing else need be written to open a session.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, Upload] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._expire()

    def begin(self, repository: str, *, algorithm: str) -> Upload:
        """A new session, without bytes."""
        session = uuid.uuid4().hex
        file = self._file(repository, session)
        file.touch(exist_ok=False)
        upload = Upload(session, file, algorithm=algorithm)
        with self._lock:
            self._open[file] = upload
        return upload

    def find(self, repository: str, session: str) -> Upload:
        """The session of this repository with this id, also one from before a restart.

        Raises:
            Refusal: BLOB_UPLOAD_UNKNOWN.
        """
        if not _SESSION.fullmatch(session):
            raise _unknown()
        file = self._file(repository, session)
        if not file.exists():
            raise _unknown()
        with self._lock:
            return self._open.setdefault(file, Upload(session, file, algorithm="sha256"))

    def end(self, upload: Upload) -> None:
        """Forget the session, and its bytes where they were not kept as a blob."""
        with self._lock:
            self._open.pop(upload.file, None)
        upload.file.unlink(missing_ok=True)

    def _file(self, repository: str, session: str) -> Path:
        return self._folder / f"{session}.{hashlib.sha256(repository.encode()).hexdigest()[:32]}"

    def _expire(self) -> None:
        # the file system's own clock, so that only it has to agree with itself
        marker = self._folder / "opened"
        marker.touch()
        now = marker.stat().st_mtime
        for file in self._folder.iterdir():
            if now - file.stat().st_mtime > _LIFETIME_SECONDS:
                file.unlink()


def _unknown() -> Refusal:
    return Refusal("BLOB_UPLOAD_UNKNOWN", "there is no such upload")
