"""The body of a request, read as it arrives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BufferedReader

from ci_publish.server.refusal import Refusal

# Large enough that hashing and writing release the interpreter for long, small enough for many uploads at once.
_BLOCK = 256 * 1024
_MAX_LINE = 4096
_MAX_TRAILERS = 64
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")


class Disconnected(Exception):  # noqa: N818 - the client's doing, and nothing to report
    """The connection broke, or stayed silent for too long."""


class Body:
    """A body that can be read once, block by block.

    Args:
        reader: the connection, standing at the body's first byte.
        length: bytes to come; `None` when they come in chunks (RFC 9112 section 7.1).
        before: called once, before the first read: a client may wait for `100 Continue`.
    """

    def __init__(self, reader: BufferedReader, *, length: int | None, before: Callable[[], None]) -> None:
        self.length = length
        self.received = 0
        self.is_finished = length == 0
        self._reader = reader
        self._before = before
        self._blocks = self._read()

    def blocks(self) -> Iterator[memoryview]:
        """What is left of the body; a block is valid until the next one is asked for.

        Raises:
            Refusal: SIZE_INVALID when the body ends early, UNSUPPORTED when its chunks are malformed.
            Disconnected: the connection broke.
        """
        return self._blocks

    def content(self, *, limit: int) -> bytes | None:
        """The whole body, or `None` when it is longer than `limit` bytes."""
        if self.length is not None and self.length > limit:
            return None
        content = bytearray()
        for block in self._blocks:
            content += block
            if len(content) > limit:
                return None
        return bytes(content)

    def _read(self) -> Iterator[memoryview]:
        if self.is_finished:
            return
        self._invite()
        block = memoryview(bytearray(_BLOCK if self.length is None else min(_BLOCK, self.length)))
        for size in self._spans():
            left = size
            while left:
                count = self._receive(block[:left])
                left -= count
                self.received += count
                yield block[:count]
        self.is_finished = True

    def _invite(self) -> None:
        try:
            self._before()
        except OSError as error:
            raise Disconnected from error

    def _spans(self) -> Iterator[int]:
        if self.length is not None:
            yield self.length
            return
        while size := self._chunk_size():
            yield size
            if self._line() != b"":
                raise Refusal("UNSUPPORTED", "a chunk is longer than it says", status=400)
        for _ in range(_MAX_TRAILERS):
            if self._line() == b"":
                return
        raise Refusal("UNSUPPORTED", "the body has too many trailers", status=400)

    def _chunk_size(self) -> int:
        size, _, _extension = self._line().partition(b";")
        if not _CHUNK_SIZE.fullmatch(size.strip()):
            raise Refusal("UNSUPPORTED", "the length of a chunk is not a hexadecimal number", status=400)
        return int(size, 16)

    def _line(self) -> bytes:
        try:
            line = self._reader.readline(_MAX_LINE)
        except OSError as error:
            raise Disconnected from error
        if not line.endswith(b"\n"):
            raise self._ended_early()
        return line.rstrip(b"\r\n")

    def _receive(self, block: memoryview) -> int:
        try:
            count = self._reader.readinto1(block)
        except OSError as error:
            raise Disconnected from error
        if not count:
            raise self._ended_early()
        return count

    def _ended_early(self) -> Refusal:
        announced = "" if self.length is None else f" of {self.length}"
        return Refusal("SIZE_INVALID", f"the body ended after {self.received}{announced} bytes")
