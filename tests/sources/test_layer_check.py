"""A layer passes its check when size, digest and diff_id are right, and only then."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import SourceError
from ci_publish.oci import Blob, Digest
from ci_publish.oci.media_types import OCI, Compression
from ci_publish.sources.layer_check import INFLATERS, LayerCheck

STORE: dict[Compression, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
}
COMPRESSIONS = st.sampled_from(sorted(STORE))


def layer(content: bytes, compression: Compression) -> Blob:
    return replace(Blob.of(STORE[compression](content), OCI.layers[compression]), diff_id=Digest.of(content))


def check(blob: Blob, data: bytes, step: int = 1000) -> None:
    checked = LayerCheck(blob)
    for start in range(0, len(data), step):
        checked.update(data[start : start + step])
    checked.finish()


def stored(blob: Blob) -> bytes:
    return blob.read(1 << 30)


@given(content=st.binary(max_size=3000), compression=COMPRESSIONS, step=st.integers(1, 500))
def test_the_right_bytes_pass_in_any_pieces(content: bytes, compression: Compression, step: int) -> None:
    blob = layer(content, compression)

    check(blob, stored(blob), step)


@given(content=st.binary(min_size=1), compression=COMPRESSIONS, data=st.data())
def test_any_changed_byte_is_found(content: bytes, compression: Compression, data: st.DataObject) -> None:
    blob = layer(content, compression)
    changed = bytearray(stored(blob))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1

    with pytest.raises(SourceError):
        check(blob, bytes(changed))


@given(content=st.binary(min_size=1), compression=COMPRESSIONS)
def test_a_missing_end_is_found(content: bytes, compression: Compression) -> None:
    blob = layer(content, compression)

    with pytest.raises(SourceError):
        check(blob, stored(blob)[:-1])


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_another_layer_of_the_right_digest_is_found(compression: Compression) -> None:
    blob = replace(layer(b"one", compression), diff_id=Digest.of(b"another"))

    with pytest.raises(SourceError, match="diff_id"):
        check(blob, stored(blob))


@pytest.mark.parametrize("compression", INFLATERS)
def test_small_data_unfolds_in_pieces(compression: Compression) -> None:
    pieces: list[int] = []
    inflater = INFLATERS[compression](lambda piece: pieces.append(len(piece)))
    inflater.update(STORE[compression](bytes(20_000_000)))

    assert sum(pieces) == 20_000_000
    assert max(pieces) <= 1024 * 1024
    assert inflater.is_complete()


def test_gzip_may_have_several_members_and_zeros_at_its_end() -> None:
    content = io.BytesIO()
    inflater = INFLATERS["gzip"](content.write)
    inflater.update(gzip.compress(b"a") + gzip.compress(b"b") + bytes(600))

    assert content.getvalue() == b"ab"
    assert inflater.is_complete()
