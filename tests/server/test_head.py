import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.server.head import Head, read_head
from ci_publish.server.refusal import Refusal


def read(text: str | bytes) -> Head | None:
    data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode("latin-1")
    return read_head(io.BufferedReader(io.BytesIO(data)))


def test_a_request_is_taken_apart() -> None:
    head = read("PUT /v2/a%20b/x?digest=sha256%3Aab&tag=1&tag=2&empty= HTTP/1.1\nHost: x\nX-A: 1 \nx-a:2\n\n")
    assert head is not None
    assert head.call.method == "PUT"
    assert head.call.path == "/v2/a b/x"
    assert head.call.query == {"digest": ("sha256:ab",), "tag": ("1", "2"), "empty": ("",)}
    assert head.call.headers == {"host": "x", "x-a": "1, 2"}
    assert (head.length, head.keeps_alive, head.expects_continue) == (0, True, False)


def test_a_proxys_form_of_the_path() -> None:
    head = read("GET HTTP://host:5000/v2/?n=1 HTTP/1.1\n\n")
    assert head is not None
    assert head.call.path == "/v2/"
    assert read("GET //v2/ HTTP/1.1\n\n").call.path == "//v2/"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(
    ("version", "connection", "keeps_alive"),
    [("1.1", "", True), ("1.1", "Keep-Alive, Close", False), ("1.1", "upgrade", True), ("1.0", "keep-alive", False)],
)
def test_when_the_connection_goes_on(version: str, connection: str, *, keeps_alive: bool) -> None:
    head = read(f"GET / HTTP/{version}\nConnection: {connection}\n\n")
    assert head is not None
    assert head.keeps_alive == keeps_alive


def test_no_request_is_none() -> None:
    assert read("") is None
    assert read("\n") is None
    assert read("GET / HT") is None


def test_an_empty_line_before_a_request_is_skipped() -> None:
    assert read("\nGET / HTTP/1.1\n\n") is not None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("GET /\n\n", 400),
        ("GET  / HTTP/1.1\n\n", 400),
        ("G(T / HTTP/1.1\n\n", 400),
        ("GET / HTTP/2\n\n", 505),
        ("GET / HTTP/1.1\nHost: x\n", 400),
        ("GET / HTTP/1.1\nno colon\n\n", 400),
        ("GET / HTTP/1.1\nHost : x\n\n", 400),
        ("GET / HTTP/1.1\nHost: x\n folded\n\n", 400),
        ("GET / HTTP/1.1\nContent-Length: -1\n\n", 400),
        ("GET / HTTP/1.1\nContent-Length: 1_0\n\n", 400),
        ("GET / HTTP/1.1\nContent-Length: 5\nContent-Length: 6\n\n", 400),
        ("GET / HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n", 400),
        ("GET / HTTP/1.1\nTransfer-Encoding: gzip, chunked\n\n", 501),
        ("GET / HTTP/1.1\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n\n", 501),
        (f"GET /{'a' * 20_000} HTTP/1.1\n\n", 414),
        (f"GET /?{'&'.join(['a=1'] * 200)} HTTP/1.1\n\n", 414),
        (f"GET / HTTP/1.1\nX: {'a' * 20_000}\n\n", 431),
        ("GET / HTTP/1.1\n" + "X: a\n" * 200 + "\n", 431),
    ],
)
def test_doubtful_requests_are_refused(text: str, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        read(text)
    assert refused.value.status == status


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda data: b"GET / HTTP/1.1\r\n" + data)))
def test_any_bytes_are_a_request_a_refusal_or_nothing(data: bytes) -> None:
    try:
        head = read(data)
    except Refusal:
        return
    assert head is None or head.call.method
