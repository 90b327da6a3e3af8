"""The files of an archive or a directory, by name."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ci_publish.errors import MalformedError, SourceError
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.sources.compression import HEAD_SIZE, compression_of

# The longest path on Linux.
_MAX_NAME = 4096


@dataclass(frozen=True, slots=True)
class File:
    """One file: its size in bytes, and a way to open it as often as one likes."""

    size: int
    open: Callable[[], BinaryIO]

    def compression(self) -> str | None:
        """The name of the compression that its first bytes tell, `None` when there is none."""
        with self.open() as stream:
            return compression_of(stream.read(HEAD_SIZE))


class Files(Protocol):
    """What an archive or a directory holds. Names are relative to its root and have `/` between their parts."""

    def names(self) -> Collection[str]:
        """The names of all files and folders, for telling what this is."""
        ...

    def find(self, name: str) -> File | None:
        """The file of this name, links followed; `None` when there is none.

        Raises:
            SourceError: the name or a link leads outside, or links lead back to themselves.
        """
        ...

    def is_ambiguous(self, name: str) -> bool:
        """Whether the name stands for several files, of which one reader takes the first and another the last."""
        ...

    def close(self) -> None:
        """Let go of what was opened; files found here cannot be read any more."""
        ...


def inside(name: str) -> str:
    """The plain form of a relative name, as `a/b` for `./a//b`.

    Raises:
        SourceError: the name is absolute or leads outside, or is no name at all.
    """
    if "\0" in name or len(name) > _MAX_NAME:
        raise SourceError(f"names a file {name[:80]!r}…, which no system allows")
    normal = posixpath.normpath(name)
    if normal.startswith(("/", "../")) or normal == "..":
        raise SourceError(f"names the file {name[:200]!r}, which is outside of it")
    return normal


def read_document(files: Files, name: str) -> bytes:
    """The bytes of a JSON document that nothing else vouches for.

    Raises:
        SourceError: it is missing.
        MalformedError: it is larger than 4 MiB, or there is more than one.
    """
    file = files.find(name)
    if file is None:
        raise SourceError(f"{name} is missing")
    # No digest tells which one its author meant: Go's readers take the first, those that unpack take the last.
    if files.is_ambiguous(name):
        raise MalformedError(f"{name} is there twice, and readers differ in which one they take")
    if file.size > MAX_DOCUMENT_SIZE:
        raise MalformedError(f"{name} has {file.size} bytes; the limit is {MAX_DOCUMENT_SIZE}")
    with file.open() as stream:
        return stream.read()
