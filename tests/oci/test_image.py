from __future__ import annotations

import io
from dataclasses import replace

import pytest

from ci_publish.errors import MalformedError
from ci_publish.oci import Blob, Image
from ci_publish.oci.compose import compose_image, compose_index
from ci_publish.oci.media_types import OCI
from tests.support.archive_parts import LAYERS, config


def image(number: int) -> Image:
    layer = replace(Blob.of(LAYERS[number], OCI.layers["none"]))
    return compose_image(Blob.of(config(LAYERS[number : number + 1]), OCI.config), [layer], platform=None)


def giving(blob: Blob, data: bytes, *, at_once: int = 1 << 20) -> Blob:
    """The blob with other bytes, of which a read gives so many at most."""

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(at_once if size is None or size < 0 else min(size, at_once))

    return replace(blob, open=lambda: Stream(data))


@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
def test_a_blob_is_read_whole_and_checked(at_once: int) -> None:
    blob = Blob.of(b"some bytes", "text/plain")
    assert giving(blob, b"some bytes", at_once=at_once).read(10) == b"some bytes"


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"some byte", "does not have the 10 bytes"), (b"some bytes!", "does not have"), (b"some Bytes", "the digest")],
)
def test_other_bytes_are_malformed(data: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        giving(Blob.of(b"some bytes", "text/plain"), data).read(100)


def test_a_large_blob_is_not_opened() -> None:
    def refuse() -> io.BytesIO:
        raise AssertionError("opened")

    with pytest.raises(MalformedError, match="the limit is 9"):
        replace(Blob.of(b"some bytes", "text/plain"), open=refuse).read(9)


def test_children_come_before_parents() -> None:
    first, second, third = image(0), image(1), image(2)
    inner = compose_index([second, third])
    outer = compose_index([first, inner])
    assert list(outer.walk()) == [first, second, third, inner, outer]
    assert outer.platforms() == (first, second, third)
    assert first.platforms() == (first,)


def test_size_counts_each_digest_once() -> None:
    one = image(0)
    own = one.descriptor.size + one.config.descriptor.size + one.layers[0].descriptor.size
    assert one.size() == own
    twice = compose_index([one, one])
    assert twice.size() == own + twice.descriptor.size
