from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor, Digest
from ci_publish.registry.answer_stream import AnswerStream
from ci_publish.registry.blob_stream import BlobStream

DATA = bytes(range(256)) * 1000
DESCRIPTOR = Descriptor("x/y", Digest.of(DATA), len(DATA))


class Breaking(io.BytesIO):
    """A stream that fails after some bytes."""

    def __init__(self, data: bytes, good: int, *, transient: bool = True) -> None:
        super().__init__(data)
        self.good = good
        self.transient = transient

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self.good:
            raise RegistryError("broken", transient=self.transient)
        wanted = self.good if size is None or size < 0 else size
        return super().read(min(wanted, self.good - self.tell()))


def whole(start: int) -> BinaryIO:
    return io.BytesIO(DATA[start:])


def test_a_whole_blob_is_given_as_it_is() -> None:
    with BlobStream.open(DESCRIPTOR, whole) as stream:
        assert stream.read() == DATA


@given(st.lists(st.integers(1, len(DATA) // 4), max_size=4))
def test_a_broken_transfer_is_taken_up_where_it_broke(lengths: list[int]) -> None:
    remaining = list(lengths)
    starts: list[int] = []

    def open_at(start: int) -> BinaryIO:
        starts.append(start)
        return Breaking(DATA[start:], remaining.pop()) if remaining else whole(start)

    with BlobStream.open(DESCRIPTOR, open_at) as stream:
        assert stream.read() == DATA
    assert starts == [sum(lengths[::-1][:count]) for count in range(len(lengths) + 1)]


def test_a_transfer_that_breaks_after_its_last_byte_is_whole() -> None:
    starts: list[int] = []

    def open_at(start: int) -> BinaryIO:
        starts.append(start)
        return Breaking(DATA, len(DATA))

    with BlobStream.open(DESCRIPTOR, open_at) as stream:
        assert stream.read() == DATA
    assert starts == [0]


@pytest.mark.parametrize(("transient", "attempts"), [(True, 5), (False, 1)])
def test_a_transfer_that_goes_on_breaking_is_given_up(*, transient: bool, attempts: int) -> None:
    starts: list[int] = []

    def open_at(start: int) -> BinaryIO:
        starts.append(start)
        return Breaking(DATA[start:], 0, transient=transient)

    with BlobStream.open(DESCRIPTOR, open_at) as stream, pytest.raises(RegistryError, match="broken"):
        stream.read()
    assert len(starts) == attempts


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DATA[:-1], "does not give the 256000 bytes"),
        (DATA + b"x", "does not give the 256000 bytes"),
        (DATA[:-1] + b"x", "do not have its digest"),
        (b"", "does not give the 256000 bytes"),
    ],
)
def test_other_bytes_are_noticed(data: bytes, message: str) -> None:
    with (
        BlobStream.open(DESCRIPTOR, lambda start: io.BytesIO(data[start:])) as stream,
        pytest.raises(RegistryError, match=message),
    ):
        stream.read()


def test_closing_early_closes_the_transfer() -> None:
    inner = io.BytesIO(DATA)
    stream = BlobStream.open(DESCRIPTOR, lambda start: inner)
    assert stream.read(10) == DATA[:10]
    stream.close()
    assert inner.closed


class Watched(httpx.SyncByteStream):
    """A body whose end can be seen."""

    def __init__(self, blocks: list[bytes], failure: Callable[[], Exception] | None = None) -> None:
        self.blocks = blocks
        self.failure = failure
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.blocks
        if self.failure:
            raise self.failure()

    def close(self) -> None:
        self.is_closed = True


def answer(body: Watched) -> httpx.Response:
    return httpx.Response(200, stream=body, request=httpx.Request("GET", "https://h.example/b?sig=secret"))


@given(st.lists(st.binary(min_size=1, max_size=50)), st.integers(0, 100), st.integers(1, 20))
def test_an_answer_is_read_like_a_file(blocks: list[bytes], skip: int, count: int) -> None:
    body = Watched(blocks)
    with AnswerStream.open(answer(body), skip=skip) as stream:
        read = b"".join(iter(lambda: stream.read(count), b""))
    assert read == b"".join(blocks)[skip:]
    assert body.is_closed


def test_an_answer_that_breaks_off_is_a_failure_that_may_pass() -> None:
    body = Watched([b"abc"], lambda: httpx.ReadError("reset"))
    with AnswerStream.open(answer(body)) as stream:
        assert stream.read(3) == b"abc"
        with pytest.raises(RegistryError) as caught:
            stream.read(1)
    assert caught.value.transient
    assert "secret" not in repr(vars(caught.value))
    assert body.is_closed
