"""The bytes of blobs on disk, named by their digest."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

from ci_publish.errors import MalformedError
from ci_publish.oci import Digest
from ci_publish.oci.digest import HEX_LENGTH


class Contents:
    """A folder with one file for each blob, whichever repositories hold it.

    A file gets its final name only when its bytes are on disk, so a name that exists is a whole blob
    (rename(2) is atomic). Names are made from parsed digests alone and cannot lead out of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for algorithm in HEX_LENGTH:
            (folder / algorithm).mkdir(parents=True, exist_ok=True)
        sync_folder(folder)

    def open(self, digest: Digest) -> BufferedReader:
        """The blob's bytes; the caller closes it.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        return self._path(digest).open("rb")

    def has(self, digest: Digest) -> bool:
        """Whether the blob is there."""
        return self._path(digest).exists()

    def adopt(self, file: Path, digest: Digest) -> None:
        """Give a file whose bytes were checked and are on disk its final name; `file` is gone afterwards."""
        target = self._path(digest)
        file.replace(target)
        sync_folder(target.parent)

    def remove(self, digest: Digest) -> None:
        """Delete the blob's bytes."""
        self._path(digest).unlink(missing_ok=True)

    def sweep(self, is_held: Callable[[Digest], bool]) -> None:
        """Delete every blob that no repository holds: a kill may come between a name and its entry."""
        for algorithm in HEX_LENGTH:
            for file in (self._folder / algorithm).iterdir():
                try:
                    digest = Digest(algorithm, file.name)
                except MalformedError:
                    continue  # none of ours, as the files that desktops leave in folders
                if not is_held(digest):
                    file.unlink()

    def _path(self, digest: Digest) -> Path:
        return self._folder / digest.algorithm / digest.hex


def sync(file: Path) -> None:
    """Return when the file's bytes are on disk."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in the folder are on disk."""
    if os.name == "nt":  # Windows opens no folders, and keeps names by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
