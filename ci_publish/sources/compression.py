"""The compressions an archive may be wrapped in, told by its first bytes."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

import zstandard
from isal import igzip, isal_zlib

from ci_publish.errors import SourceError

# How many first bytes tell the compression.
HEAD_SIZE = 6
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "xz": b"\xfd7zXZ\x00", "bzip2": b"BZh"}
_BLOCK = 1024 * 1024
# `xz -9` needs 65 MiB; a header can ask for 4 GiB.
_XZ_MEMORY = 256 * 1024 * 1024
_DAMAGE: tuple[type[Exception], ...] = (
    OSError,
    lzma.LZMAError,
    zstandard.ZstdError,
    isal_zlib.error,  # type: ignore[assignment]  # its stubs call the class an instance
)


def compression_of(head: bytes) -> str | None:
    """The name of the compression of content that starts with these bytes, `None` when it is in none."""
    # zstd content may start with a frame to skip, whose magic has sixteen forms (RFC 8878, section 3.1.2).
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:
        return "zstd"
    return next((name for name, magic in _MAGIC.items() if head.startswith(magic)), None)


def decompressed(stream: BinaryIO, compression: str) -> Iterator[bytes]:
    """The plain content of a compressed stream, in blocks of up to 1 MiB however well it was compressed.

    Args:
        stream: compressed content; read to its end, not closed.
        compression: a name that `compression_of` gives.

    Raises:
        SourceError: the content is damaged. The library does not tell where zstd content ends too early: then just
            the part before comes out.
    """
    try:
        if compression == "xz":
            yield from _xz_blocks(stream)
            return
        with _reader(stream, compression) as reader:
            block = reader.read(_BLOCK)
            if not block and compression == "zstd":
                raise SourceError("is truncated or empty: its zstd stream holds nothing")
            while block:
                yield block
                block = reader.read(_BLOCK)
    except EOFError:
        raise SourceError(f"is truncated: its {compression} stream has no end") from None
    except _DAMAGE as error:
        raise SourceError(f"has a damaged {compression} stream: {error}") from None


def _reader(stream: BinaryIO, compression: str) -> IO[bytes]:
    match compression:
        case "gzip":
            return cast("IO[bytes]", igzip.GzipFile(fileobj=stream, mode="rb"))  # type: ignore[no-untyped-call]  # isal has no types here
        case "zstd":
            return zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True, closefd=False)
        case _:
            return bz2.BZ2File(stream)


def _xz_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """The plain content of xz streams, one behind the other; `lzma.LZMAFile` has no limit for their dictionary."""
    data = stream.read(_BLOCK)
    while data:
        decompressor = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        while not decompressor.eof:
            yield decompressor.decompress(data, _BLOCK)
            data = stream.read(_BLOCK) if decompressor.needs_input else b""
            if decompressor.needs_input and not data:
                raise EOFError
        # streams are padded with zeros (xz file format, "Stream Padding")
        data = decompressor.unused_data.lstrip(b"\0")
        while not data and (more := stream.read(_BLOCK)):
            data = more.lstrip(b"\0")
