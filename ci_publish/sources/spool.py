"""Input made readable at any offset."""

from __future__ import annotations

import io
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from ci_publish.errors import SourceError
from ci_publish.sources.compression import HEAD_SIZE, compression_of, decompressed
from ci_publish.sources.shared_file import SharedFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 1024 * 1024


def open_in_place(path: Path | Literal["-"]) -> SharedFile:
    """The plain content of a file, a pipe or standard input (`-`).

    A plain file is read where it is. Compressed content and pipes can only be read from their start, while the table
    of contents of an image may stand at its end and its layers are read side by side: these are written, in one pass,
    to a temporary file without a name, which is gone when it is closed.

    Raises:
        OSError: it cannot be opened or read.
        SourceError: its compression is damaged, or there is no room for the temporary file.
    """
    if path == "-":
        return _spooled(sys.stdin.buffer)
    file = path.open("rb", buffering=0)
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        head = file.read(HEAD_SIZE)
        file.seek(0)
        if compression_of(head) is None:
            return SharedFile(file)
    with file:
        return _spooled(file)


def _spooled(stream: BinaryIO) -> SharedFile:
    # A pipe may deliver its first bytes one by one.
    head = b""
    while len(head) < HEAD_SIZE and (more := stream.read(HEAD_SIZE - len(head))):
        head += more
    whole = cast("BinaryIO", _Rejoined(head, stream))
    compression = compression_of(head)
    return _written(iter(lambda: whole.read(_BLOCK), b"") if compression is None else decompressed(whole, compression))


def _written(blocks: Iterable[bytes]) -> SharedFile:
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the caller closes it
    try:
        for block in blocks:
            _write_all(file, block)
    except OSError as error:
        file.close()
        raise SourceError(
            f"cannot be unpacked to {tempfile.gettempdir()}: {error.strerror}",
            hint="make room there or set TMPDIR to another disk; plain archives need no room",
        ) from None
    except BaseException:
        file.close()
        raise
    return SharedFile(cast("BinaryIO", file))


def _write_all(file: io.FileIO, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[file.write(view) :]


class _Rejoined(io.RawIOBase):
    """A stream with the bytes that were already taken from it."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        part = self._head[: len(view)] or self._stream.read(len(view))
        self._head = self._head[len(part) :]
        view[: len(part)] = part
        return len(part)
