from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import MalformedError
from ci_publish.oci import Digest
from ci_publish.oci.digest import HEX_LENGTH

ALGORITHMS = st.sampled_from(sorted(HEX_LENGTH))


@given(st.binary(), ALGORITHMS)
def test_parse_reads_what_str_writes(data: bytes, algorithm: str) -> None:
    digest = Digest.from_hasher(hashlib.new(algorithm, data))
    assert Digest.parse(str(digest)) == digest
    assert str(digest) == f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


@given(st.binary())
def test_of_is_sha256(data: bytes) -> None:
    assert str(Digest.of(data)) == f"sha256:{hashlib.sha256(data).hexdigest()}"


@given(st.text())
def test_what_is_parsed_is_written_the_same(text: str) -> None:
    try:
        digest = Digest.parse(text)
    except MalformedError:
        return
    assert str(digest) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256",
        "sha256:",
        "sha256:" + "0" * 63,
        "sha256:" + "0" * 65,
        "sha256:" + "A" * 64,
        "sha256:" + "٣" * 64,
        "sha256:" + "0" * 64 + "\n",
        "sha512:" + "0" * 64,
        "md5:" + "0" * 32,
        "SHA256:" + "0" * 64,
        "sha256:../" + "0" * 61,
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        Digest.parse(text)


def test_hasher_is_of_the_digests_algorithm() -> None:
    digest = Digest("sha512", "0" * 128)
    hasher = digest.hasher()
    hasher.update(b"x")
    assert Digest.from_hasher(hasher) == Digest("sha512", hashlib.sha512(b"x").hexdigest())
