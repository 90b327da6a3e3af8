"""A file that is read at many places at once."""

from __future__ import annotations

import io
import os
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, cast

from ci_publish.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class SharedFile:
    """An open file that several threads read, each at its own offset.

    One handle serves them all: unlike opening the path again it works for files that have no name, goes on
    reading the same file when another one takes its name, and needs nothing that Windows lacks. The lock is
    held for the copy of one block, which is short beside hashing and sending that block.

    Args:
        file: unbuffered and seekable; closed with this object.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = Lock()
        self.size = file.seek(0, os.SEEK_END)

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer where the file ends.

        Raises:
            SourceError: the operating system cannot read them.
        """
        try:
            with self._lock:
                self._file.seek(offset)
                return self._file.read(size)
        except OSError as error:
            raise SourceError(f"cannot be read at byte {offset}: {error.strerror or error}") from None

    def section(self, offset: int, size: int) -> BinaryIO:
        """A new stream of `size` bytes from `offset`, without a buffer: read it in large blocks."""
        return cast("BinaryIO", _Section(self, offset, size))

    def whole(self) -> BinaryIO:
        """A stream of the whole file that closes it in the end."""
        return cast("BinaryIO", _WholeFile(self, 0, self.size))

    def close(self) -> None:
        """Close the file; its sections cannot be read any more."""
        self._file.close()


class _Section(io.RawIOBase):
    """A part of a shared file as a stream of its own."""

    def __init__(self, file: SharedFile, offset: int, size: int) -> None:
        self._shared = file
        self._offset = offset
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        data = self._shared.read_at(self._offset + self._position, wanted) if wanted else b""
        # A short answer would look like the end of the content to whoever reads.
        if len(data) < wanted:
            raise SourceError(f"ends at byte {self._offset + self._position + len(data)}: it changed while it was read")
        self._position += wanted
        return data

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


class _WholeFile(_Section):
    def close(self) -> None:
        self._shared.close()
        super().close()
