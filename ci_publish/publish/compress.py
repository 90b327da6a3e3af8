"""Compression of a layer in blocks, on several threads, with bytes that depend on the input alone."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import zstandard
from isal import isal_zlib

from ci_publish.oci.media_types import Compression

# Each block is compressed by itself, so its size is part of what decides the bytes of the result:
# changing it changes the digest of every image published before.
BLOCK_SIZE = 1024 * 1024
# Blocks in work for one layer: enough to keep two or three cores busy while the socket is written.
_IN_FLIGHT = 4
# igzip's bytes are equal on all x86 generations up to this level.
GZIP_LEVEL = 2
ZSTD_LEVEL = 3


class Encoder(Protocol):
    """A compressed format whose blocks can be compressed apart and joined."""

    header: bytes

    def block(self, plain: bytes) -> bytes:
        """The block's bytes in the stream; called from several threads at once."""
        ...

    def trailer(self, checksum: int, size: int) -> bytes:
        """What closes the stream: `checksum` is the CRC-32 of all plain bytes, `size` their number."""
        ...


class GzipEncoder:
    """One gzip member (RFC 1952): deflate blocks that end on a byte, as pigz writes them."""

    # no name, no time, system unknown: nothing in the header varies
    header = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF))

    def block(self, plain: bytes) -> bytes:
        """Deflate data without a final block, so that another can follow."""
        deflate = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, -15)
        return deflate.compress(plain) + deflate.flush(isal_zlib.Z_FULL_FLUSH)

    def trailer(self, checksum: int, size: int) -> bytes:
        """An empty final block, then CRC-32 and size modulo 2^32."""
        return b"\x03\x00" + checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


class ZstdEncoder:
    """A zstd frame for each block (RFC 8878 §3 allows any number of them)."""

    header = b""

    def block(self, plain: bytes) -> bytes:
        """A whole frame."""
        return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(plain)

    def trailer(self, checksum: int, size: int) -> bytes:  # noqa: ARG002 - each frame has its own
        """Nothing: a frame closes itself."""
        return b""


ENCODERS: dict[Compression, Callable[[], Encoder]] = {"gzip": GzipEncoder, "zstd": ZstdEncoder}


@dataclass(frozen=True, slots=True)
class Compressor:
    """How plain layers are published.

    Args:
        name: a key of `ENCODERS`.
        pool: where blocks are compressed.
    """

    name: Compression
    pool: Executor

    def compress(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The compressed stream of these blocks, all but the last of `BLOCK_SIZE` bytes."""
        encoder = ENCODERS[self.name]()
        checksum = size = 0
        pending: deque[Future[bytes]] = deque()
        if encoder.header:
            yield encoder.header
        for plain in blocks:
            pending.append(self.pool.submit(encoder.block, plain))
            checksum = isal_zlib.crc32(plain, checksum)
            size += len(plain)
            if len(pending) >= _IN_FLIGHT:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
        if trailer := encoder.trailer(checksum, size):
            yield trailer


@contextmanager
def open_compressor(name: Compression) -> Iterator[Compressor | None]:
    """The compressor of this name with a pool of its own; `None` for `none`."""
    if name == "none":
        yield None
        return
    # one more than cores: a thread that waits for the disk must not leave a core idle
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        yield Compressor(name, pool)
