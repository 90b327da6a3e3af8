"""The files of a directory."""

from __future__ import annotations

import stat
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ci_publish.errors import SourceError
from ci_publish.sources.files import File, inside
from ci_publish.sources.shared_file import SharedFile


class DirectoryFiles:
    """The files below a directory; links that leave it are refused."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def names(self) -> Collection[str]:
        """The names directly in the directory: enough to tell what it is."""
        return {entry.name for entry in self._root.iterdir()}

    def find(self, name: str) -> File | None:
        """The file of this name, links followed; see `Files`."""
        try:
            path = (self._root / inside(name)).resolve(strict=True)
            status = path.stat()
        except FileNotFoundError:
            return None
        except (OSError, RuntimeError) as error:
            # RuntimeError is how Python before 3.13 reports a loop of links
            raise SourceError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        if not path.is_relative_to(self._root):
            raise SourceError(f"{name} is a link to {path}, which is outside of it", hint="copy the file in its place")
        # Opening a pipe would wait for whoever writes to it.
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{name} is not a file")
        return File(status.st_size, partial(_open, path, status.st_size, name))

    def is_ambiguous(self, name: str) -> bool:  # noqa: ARG002 - the protocol's signature
        """Never: a directory has one file of a name."""
        return False

    def close(self) -> None:
        """Nothing: each stream has a file of its own."""


def _open(path: Path, size: int, name: str) -> BinaryIO:
    try:
        file = SharedFile(path.open("rb", buffering=0))
    except OSError as error:
        raise SourceError(f"{name} cannot be opened: {error.strerror}") from None
    if file.size != size:
        file.close()
        raise SourceError(f"{name} changed while it was read")
    return file.whole()
