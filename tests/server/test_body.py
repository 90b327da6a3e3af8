import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.server.body import Body, Disconnected
from ci_publish.server.refusal import Refusal


def body(data: bytes, length: int | None, invitations: list[int] | None = None) -> Body:
    noted = invitations if invitations is not None else []
    return Body(io.BufferedReader(io.BytesIO(data), 16), length=length, before=lambda: noted.append(1))


def read(received: Body) -> bytes:
    return b"".join(bytes(block) for block in received.blocks())


def in_chunks(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece) + b"0\r\n\r\n"


@given(st.binary(max_size=2000), st.binary(max_size=20))
def test_a_body_ends_at_its_length(data: bytes, next_request: bytes) -> None:
    received = body(data + next_request, len(data))
    assert read(received) == data
    assert received.received == len(data)
    assert received.is_finished


@given(st.lists(st.binary(max_size=400), max_size=8))
def test_chunks_are_put_together(pieces: list[bytes]) -> None:
    received = body(in_chunks(pieces) + b"GET / HTTP/1.1", None)
    assert read(received) == b"".join(pieces)
    assert received.is_finished


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4), st.data())
def test_a_body_cut_short_is_refused(pieces: list[bytes], data: st.DataObject) -> None:
    whole = in_chunks(pieces)
    cut = data.draw(st.integers(0, len(whole) - 1))
    received = body(whole[:cut], None)
    with pytest.raises(Refusal, match="ended after"):
        read(received)
    assert not received.is_finished


def test_a_body_shorter_than_its_length_is_refused() -> None:
    received = body(b"12345", 10)
    with pytest.raises(Refusal, match="ended after 5 of 10 bytes") as refused:
        read(received)
    assert refused.value.code == "SIZE_INVALID"


@pytest.mark.parametrize(
    "data",
    [
        b"x\r\n1\r\n0\r\n\r\n",
        b"-1\r\n",
        b"0x1\r\na\r\n0\r\n\r\n",
        b"\r\n",
        b"1\r\nab\r\n0\r\n\r\n",
        b"f" * 17 + b"\r\n",
        b"0\r\n" + b"a: b\r\n" * 100,
    ],
)
def test_malformed_chunks_are_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        read(body(data, None))


def test_extensions_and_trailers_are_skipped() -> None:
    received = body(b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", None)
    assert read(received) == b"abc"
    assert received.is_finished


def test_the_client_is_invited_once_and_only_for_a_body() -> None:
    invitations: list[int] = []
    assert read(body(b"", 0, invitations)) == b""
    assert invitations == []
    received = body(b"abc", 3, invitations)
    assert read(received) == b"abc"
    assert read(received) == b""
    assert invitations == [1]


@pytest.mark.parametrize("length", [6, None])
def test_content_stops_at_the_limit(length: int | None) -> None:
    data = b"abcdef" if length else in_chunks([b"abc", b"def"])
    assert body(data, length).content(limit=6) == b"abcdef"
    assert body(data, length).content(limit=5) is None


def test_a_broken_connection_is_no_refusal() -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            raise ConnectionResetError

    for length in (5, None):
        with pytest.raises(Disconnected):
            read(Body(io.BufferedReader(Broken()), length=length, before=lambda: None))

    def fails() -> None:
        raise BrokenPipeError

    with pytest.raises(Disconnected):
        read(Body(io.BufferedReader(io.BytesIO(b"abc")), length=3, before=fails))
