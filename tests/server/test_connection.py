"""What only the bytes on the wire show; the rest is tested through httpx."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ci_publish.oci import Digest
from ci_publish.server import Answer, Call
from tests.support.registry import WatchedRegistry, running_registry

CONTENT = b"0123456789"
PUSH = f"POST /v2/a/blobs/uploads/?digest={Digest.of(CONTENT)} HTTP/1.1\r\nHost: x\r\n"
PING = "GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def connected(registry: WatchedRegistry) -> Iterator[socket.socket]:
    host, _, port = registry.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        yield client


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        received = client.recv(1)
        assert received, data
        data += received
    first, *lines = data.decode().rstrip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    body = b""
    while missing := int(headers.get("Content-Length", 0)) - len(body):
        body += client.recv(missing)
    return int(first.split(" ")[1]), headers, body


def is_at_end(client: socket.socket) -> bool:
    return client.recv(1) == b""


def test_requests_that_are_sent_together_are_answered_in_order(registry: WatchedRegistry) -> None:
    with connected(registry) as client:
        body = f"Content-Length: {len(CONTENT)}\r\n\r\n{CONTENT.decode()}"
        absent = "GET /v2/a/blobs/x HTTP/1.1\r\nHost: x\r\n\r\n"
        client.sendall(f"{PUSH}{body}{PING}{absent}{PING}".encode())
        assert [answer(client)[0] for _ in range(4)] == [201, 200, 400, 200]


def test_small_answers_do_not_wait_for_acknowledgements(registry: WatchedRegistry) -> None:
    # Nagle's algorithm with delayed acknowledgements costs 40 ms for each
    with connected(registry) as client:
        started = time.monotonic()
        for _ in range(50):
            client.sendall(PING.encode())
            answer(client)
        assert time.monotonic() - started < 1


def test_a_client_that_expects_100_is_invited(registry: WatchedRegistry) -> None:
    with connected(registry) as client:
        client.sendall(f"{PUSH}Content-Length: {len(CONTENT)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert answer(client)[0] == 100
        client.sendall(CONTENT)
        assert answer(client)[0] == 201
        client.sendall(PING.encode())
        assert answer(client)[0] == 200


def test_a_client_that_expects_100_is_refused_without_sending(registry: WatchedRegistry) -> None:
    with connected(registry) as client:
        bad = PUSH.replace("sha256:", "md5:")
        client.sendall(f"{bad}Content-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n".encode())
        status, headers, _ = answer(client)
        assert (status, headers["Connection"]) == (400, "close")
        assert is_at_end(client)


def test_a_short_body_of_a_refused_request_is_skipped(registry: WatchedRegistry) -> None:
    with connected(registry) as client:
        bad = PUSH.replace("sha256:", "md5:")
        client.sendall(f"{bad}Content-Length: 10\r\n\r\n0123456789{PING}".encode())
        assert answer(client)[0] == 400
        assert answer(client)[0] == 200


@pytest.mark.parametrize("framing", ["Content-Length: 30000000", "Transfer-Encoding: chunked"])
def test_a_gates_answer_arrives_though_the_body_was_not_read(tmp_path: Path, framing: str) -> None:
    def gate(call: Call) -> Answer | None:
        return (
            Answer(401, {"WWW-Authenticate": ("Negotiate", 'Basic realm="x"')}, b"no")
            if "uploads" in call.path
            else None
        )

    block = b"x" * 100_000
    with running_registry(tmp_path, gate=gate) as registry, connected(registry) as client:
        client.sendall(f"{PUSH}{framing}\r\n\r\n".encode())
        for _ in range(30):
            client.sendall(b"%x\r\n%s\r\n" % (len(block), block) if "chunked" in framing else block)
        status, headers, body = answer(client)
        assert (status, body) == (401, b"no")
        assert headers["Connection"] == "close"
        assert is_at_end(client)


def test_a_header_can_have_several_lines(tmp_path: Path) -> None:
    def gate(_call: Call) -> Answer:
        return Answer(401, {"WWW-Authenticate": ("Negotiate", 'Basic realm="x"')})

    with running_registry(tmp_path, gate=gate) as registry, connected(registry) as client:
        client.sendall(PING.encode())
        received = client.recv(4096)
        assert b"WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic " in received


def test_a_body_that_ends_early_is_told_so_and_can_be_resumed(registry: WatchedRegistry) -> None:
    with connected(registry) as client:
        client.sendall(b"POST /v2/a/blobs/uploads/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        location = answer(client)[1]["Location"]
        client.sendall(f"PATCH {location} HTTP/1.1\r\nContent-Length: 10\r\n\r\n01234".encode())
        client.shutdown(socket.SHUT_WR)
        status, _, body = answer(client)
        assert status == 400
        assert b"SIZE_INVALID" in body
    with connected(registry) as client:
        client.sendall(f"GET {location} HTTP/1.1\r\n\r\n".encode())
        assert answer(client)[1]["Range"] == "0-4"
        client.sendall(f"PATCH {location} HTTP/1.1\r\nContent-Range: 5-9\r\nContent-Length: 5\r\n\r\n56789".encode())
        assert answer(client)[0] == 202
        put = f"PUT {location}?digest={Digest.of(CONTENT)} HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
        client.sendall(put.encode())
        assert answer(client)[0] == 201


def test_nonsense_is_answered_and_ends_the_connection(registry: WatchedRegistry) -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\r\n", b"GET /v2/\r\n\r\n"):
        with connected(registry) as client:
            client.sendall(nonsense)
            status, headers, _ = answer(client)
            assert (status, headers["Connection"]) == (400, "close")
            assert is_at_end(client)
    assert registry.exchanges == []


@pytest.mark.parametrize("request_line", ["GET /v2/ HTTP/1.0", "GET /v2/ HTTP/1.1\r\nConnection: close"])
def test_the_connection_ends_when_the_client_wants_it(registry: WatchedRegistry, request_line: str) -> None:
    with connected(registry) as client:
        client.sendall(f"{request_line}\r\n\r\n".encode())
        assert answer(client)[1]["Connection"] == "close"
        assert is_at_end(client)


def test_a_client_that_leaves_within_its_request_is_noted(registry: WatchedRegistry) -> None:
    with connected(registry) as client:
        client.sendall(f"{PUSH}Content-Length: 1000000\r\n\r\n0123".encode())
        while not list((registry.storage / "uploads").glob("*.*")):
            time.sleep(0.01)
        # a reset, as of a process that was killed
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    (exchange,) = registry.exchanges
    assert (exchange.method, exchange.status, exchange.sent_bytes) == ("POST", 0, 0)
    assert not list((registry.storage / "uploads").glob("*.*"))
