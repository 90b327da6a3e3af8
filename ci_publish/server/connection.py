"""One client's connection: its requests read, answered and reported, one after the other."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Callable
from io import BufferedReader

from ci_publish.server.body import Body, Disconnected
from ci_publish.server.exchange import Answer, Exchange, FileSlice, Log
from ci_publish.server.head import Head, read_head
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request

# A client that neither sends nor takes a byte for so long is gone.
_TIMEOUT_SECONDS = 120.0
# The body of a refused request is read to its end when that is short, so that the connection can go on.
_MAX_DRAIN = 256 * 1024
# Otherwise the connection is closed; what is on its way is read for so long, because a close with unread
# bytes resets the connection, and a reset can overtake the answer.
_LINGER_SECONDS, _MAX_LINGER = 1.0, 64 * 1024 * 1024
_WITHOUT_BODY = {204, 304}


Handle = Callable[[Request], Answer]


class Connection:
    """Serves one socket until the client leaves or breaks the protocol.

    Args:
        client: the connected socket; closed by the caller.
        handle: the answer to a request; it may raise a `Refusal`.
        log: told of every request that could be read.
    """

    def __init__(self, client: socket.socket, *, handle: Handle, log: Log | None) -> None:
        self._socket = client
        self._handle = handle
        self._log = log

    def serve(self) -> None:
        """Return when the connection is at its end."""
        self._socket.settimeout(_TIMEOUT_SECONDS)
        # an answer goes out in one piece, which must not wait for the client to acknowledge the one before
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._socket.makefile("rb") as reader:
            try:
                while self._serve_one(reader):
                    pass
            except (OSError, Disconnected):
                # the client left; whatever it was told is already on disk
                return

    def _serve_one(self, reader: BufferedReader) -> bool:
        try:
            head = read_head(reader)
        except Refusal as refusal:
            self._send(refusal.answer(), keeps_alive=False)
            self._linger(reader)
            return False
        if head is None:
            return False
        body = Body(reader, length=head.length, before=lambda: self._invite(head))
        return self._exchange(head, body, reader)

    def _exchange(self, head: Head, body: Body, reader: BufferedReader) -> bool:
        status = sent = 0
        try:
            with contextlib.closing(self._answer(Request(head.call, body))) as answer:
                keeps_alive = head.keeps_alive and _is_drained(body, head)
                status = answer.status
                sent = self._send(answer, keeps_alive=keeps_alive, without_body=head.call.method == "HEAD")
        finally:
            if self._log:
                self._log(Exchange(head.call.method, head.call.path, status, body.received, sent))
        if not keeps_alive:
            self._linger(reader)
        return keeps_alive

    def _answer(self, request: Request) -> Answer:
        try:
            return self._handle(request)
        except Refusal as refusal:
            return refusal.answer()

    def _invite(self, head: Head) -> None:
        if head.expects_continue:
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _send(self, answer: Answer, *, keeps_alive: bool, without_body: bool = False) -> int:
        head = _head_bytes(answer, keeps_alive=keeps_alive)
        if without_body or answer.status in _WITHOUT_BODY:
            self._socket.sendall(head)
            return 0
        if isinstance(answer.body, FileSlice):
            return self._send_file(head, answer.body)
        self._socket.sendall(head + answer.body)
        return len(answer.body)

    def _send_file(self, head: bytes, part: FileSlice) -> int:
        self._socket.sendall(head)
        return self._socket.sendfile(part.file, part.offset, part.length) if part.length else 0

    def _linger(self, reader: BufferedReader) -> None:
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(_LINGER_SECONDS)
        left = _MAX_LINGER
        while left > 0 and (data := reader.read1()):
            left -= len(data)


def _is_drained(body: Body, head: Head) -> bool:
    """Whether the next request follows on the connection, after a short rest of the body was read."""
    if body.is_finished:
        return True
    # a client that still waits to be invited may send its body or not
    if head.expects_continue or head.length is None or head.length - body.received > _MAX_DRAIN:
        return False
    try:
        for _ in body.blocks():
            pass
    except Refusal:
        return False
    return body.is_finished


def _head_bytes(answer: Answer, *, keeps_alive: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, '')}"]
    for name, value in answer.headers.items():
        lines += [f"{name}: {line}" for line in ((value,) if isinstance(value, str) else value)]
    if answer.status not in _WITHOUT_BODY:
        lines.append(f"Content-Length: {answer.length}")
    if not keeps_alive:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
