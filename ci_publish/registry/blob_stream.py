"""A blob of a registry as a file that can be believed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor

_BUFFER = 1024 * 1024
# How often one stream takes up a broken transfer.
_MAX_RESUMES = 4


class BlobStream(io.RawIOBase):
    """The bytes of a blob, checked against its descriptor, and resumed where a transfer breaks.

    Args:
        descriptor: what the bytes must be.
        open_at: opens the blob at a position.
    """

    def __init__(self, descriptor: Descriptor, open_at: Callable[[int], BinaryIO]) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._open_at = open_at
        self._hasher = descriptor.digest.hasher()
        self._position = 0
        self._resumes = _MAX_RESUMES
        self._stream = open_at(0)

    @classmethod
    def open(cls, descriptor: Descriptor, open_at: Callable[[int], BinaryIO]) -> BinaryIO:
        """A buffered stream of the blob; arguments as of the class."""
        return io.BufferedReader(cls(descriptor, open_at), _BUFFER)

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # all buffers that io gives are memoryviews
        """Fill some of the buffer; 0 at the end, when everything was right.

        Raises:
            RegistryError: the transfer broke too often, or the bytes are not those of the descriptor.
        """
        block = self._read(len(buffer))
        buffer[: len(block)] = block
        self._hasher.update(block)
        self._position += len(block)
        if self._position > self._descriptor.size or not block:
            self._check()
        return len(block)

    def close(self) -> None:
        """End the transfer."""
        if not self.closed:
            self._stream.close()
        super().close()

    def _read(self, count: int) -> bytes:
        while True:
            try:
                return self._stream.read(count)
            except RegistryError as error:
                if self._position == self._descriptor.size:
                    # it broke after the last byte, where there is nothing to resume
                    return b""
                if not error.transient or not self._resumes:
                    raise
                self._resumes -= 1
                self._stream.close()
                self._stream = self._open_at(self._position)

    def _check(self) -> None:
        size, digest = self._descriptor.size, self._descriptor.digest
        if self._position != size:
            raise RegistryError(f"the registry does not give the {size} bytes of blob {digest.short}", transient=True)
        if self._hasher.hexdigest() != digest.hex:
            raise RegistryError(f"the bytes that the registry gives for blob {digest.short} do not have its digest")
