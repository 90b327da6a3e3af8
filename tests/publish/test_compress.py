"""Compressed bytes depend on the input alone, and any gzip or zstd reader gets the input back."""

import gzip
import io
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.oci.media_types import Compression
from ci_publish.publish.compress import BLOCK_SIZE, ENCODERS, Compressor, GzipEncoder

CONTENT = b"".join(f"line {i} of a file\n".encode() * 3 for i in range(60_000))


def blocks(data: bytes, size: int = BLOCK_SIZE) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def compress(name: Compression, data: bytes, *, threads: int = 2) -> bytes:
    with ThreadPoolExecutor(threads) as pool:
        return b"".join(Compressor(name, pool).compress(blocks(data)))


def expand(name: str, data: bytes) -> bytes:
    if name == "gzip":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read()


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("size", [0, 1, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, len(CONTENT)])
def test_expanding_gives_the_input_back(name: Compression, size: int) -> None:
    assert expand(name, compress(name, CONTENT[:size])) == CONTENT[:size]


@pytest.mark.parametrize("name", ENCODERS)
def test_bytes_do_not_depend_on_the_number_of_threads(name: Compression) -> None:
    results = {compress(name, CONTENT, threads=threads) for threads in (1, 2, 5)}

    assert len(results) == 1


@pytest.mark.parametrize("name", ENCODERS)
def test_repetitive_content_becomes_much_smaller(name: Compression) -> None:
    assert len(compress(name, CONTENT)) < len(CONTENT) / 5


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_gzip_blocks_of_any_content_join_to_one_member(parts: list[bytes]) -> None:
    encoder = GzipEncoder()
    plain = b"".join(parts)
    stream = encoder.header + b"".join(map(encoder.block, parts)) + encoder.trailer(zlib.crc32(plain), len(plain))
    member = zlib.decompressobj(31)

    assert member.decompress(stream) == plain
    assert member.eof
    assert member.unused_data == b""


def test_gzip_header_names_no_time_and_no_system() -> None:
    header = compress("gzip", b"x")[:10]

    assert header == b"\x1f\x8b\x08\x00" + b"\0" * 5 + b"\xff"
