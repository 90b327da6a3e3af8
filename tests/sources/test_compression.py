"""Whatever an archive is wrapped in comes out whole, in pieces, or is refused."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import SourceError
from ci_publish.sources.compression import compression_of, decompressed

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


def plain(data: bytes, name: str) -> bytes:
    return b"".join(decompressed(io.BytesIO(data), name))


@given(name=st.sampled_from(sorted(COMPRESS)), parts=st.lists(st.binary(min_size=1), min_size=1, max_size=3))
def test_streams_one_behind_the_other_are_one_content(name: str, parts: list[bytes]) -> None:
    data = b"".join(map(COMPRESS[name], parts))

    assert compression_of(data) == name
    assert plain(data, name) == b"".join(parts)


@pytest.mark.parametrize("name", COMPRESS)
def test_content_comes_in_pieces_however_well_it_was_compressed(name: str) -> None:
    pieces = list(decompressed(io.BytesIO(COMPRESS[name](bytes(5_000_000))), name))

    assert sum(map(len, pieces)) == 5_000_000
    assert max(map(len, pieces)) <= 1024 * 1024


@pytest.mark.parametrize("name", sorted(set(COMPRESS) - {"zstd"}))
def test_a_stream_that_ends_early_is_refused(name: str) -> None:
    data = COMPRESS[name](b"content" * 1000)

    with pytest.raises(SourceError, match="truncated"):
        plain(data[: len(data) // 2], name)


def test_zeros_may_stand_between_xz_streams() -> None:
    assert plain(lzma.compress(b"a") + bytes(8) + lzma.compress(b"b") + bytes(4), "xz") == b"ab"


def test_xz_does_not_get_the_memory_it_asks_for() -> None:
    data = bytearray(lzma.compress(b"small"))
    # the block header's only filter is LZMA2, whose property is the dictionary's size: 37 is 1.5 GiB
    assert data[12:16] == b"\x02\x00\x21\x01"
    data[16] = 37
    data[20:24] = zlib.crc32(data[12:20]).to_bytes(4, "little")

    with pytest.raises(SourceError, match="xz stream"):
        plain(bytes(data), "xz")
