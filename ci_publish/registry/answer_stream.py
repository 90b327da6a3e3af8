"""The body of an answer as a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from ci_publish.registry.transport import failures

if TYPE_CHECKING:
    import httpx

_BUFFER = 1024 * 1024


class AnswerStream(io.RawIOBase):
    """The bytes of an open answer, as they come; closing it ends the transfer."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self._response = response
        self._blocks = response.iter_raw()
        self._rest = memoryview(b"")

    @classmethod
    def open(cls, response: httpx.Response, *, skip: int = 0) -> BinaryIO:
        """A buffered stream of the answer's body, without its first bytes."""
        stream = io.BufferedReader(cls(response), _BUFFER)
        try:
            while skip and (block := stream.read(min(skip, _BUFFER))):
                skip -= len(block)
        except BaseException:
            stream.close()
            raise
        return stream

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # all buffers that io gives are memoryviews
        """Fill some of the buffer; 0 at the end of the body.

        Raises:
            RegistryError: the connection broke.
        """
        if not self._rest:
            with failures(self._response.request):
                self._rest = memoryview(next(self._blocks, b""))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        """End the transfer."""
        if not self.closed:
            self._response.close()
        super().close()
