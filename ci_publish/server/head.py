"""The head of an HTTP/1.1 request, read from bytes nobody vouches for (RFC 9112)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BufferedReader
from urllib.parse import parse_qs, unquote

from ci_publish.server.exchange import Call
from ci_publish.server.refusal import Refusal

_MAX_LINE = 16 * 1024
_MAX_HEADERS = 100
_MAX_PARAMETERS = 100
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGITS = re.compile(r"[0-9]{1,18}")
_ORIGIN = re.compile(r"https?://[^/?]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a request's body.

    Args:
        call: the request.
        length: bytes of its body; `None` when the body comes in chunks.
        keeps_alive: whether the client may send another request on this connection.
        expects_continue: whether it waits for `100 Continue` before it sends the body.
    """

    call: Call
    length: int | None
    keeps_alive: bool
    expects_continue: bool


def read_head(reader: BufferedReader) -> Head | None:
    """The next request's head, `None` when the client sends no more.

    Raises:
        Refusal: it is not HTTP/1, too long, or leaves in doubt where its body ends.
        OSError: the connection broke or timed out.
    """
    line = _line(reader, 414, "the request line")
    if line == "":  # RFC 9112 section 2.2: an empty line before a request is to be skipped
        line = _line(reader, 414, "the request line")
    if line is None or line == "":
        return None
    method, target, version = _request_line(line)
    headers = _headers(reader)
    connection = {word.strip().lower() for word in headers.get("connection", "").split(",")}
    path, _, query = _ORIGIN.sub("", target, count=1).partition("?")
    return Head(
        Call(method, unquote(path), _parameters(query), headers),
        length=_length(headers),
        keeps_alive=version == "HTTP/1.1" and "close" not in connection,
        expects_continue=version == "HTTP/1.1" and headers.get("expect", "").lower() == "100-continue",
    )


def _line(reader: BufferedReader, status: int, what: str) -> str | None:
    line = reader.readline(_MAX_LINE)
    if line.endswith(b"\n"):
        return line.rstrip(b"\r\n").decode("latin-1")
    if len(line) == _MAX_LINE:
        raise Refusal("UNSUPPORTED", f"{what} is longer than {_MAX_LINE} bytes", status=status)
    return None


def _request_line(line: str) -> tuple[str, str, str]:
    words = line.split(" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]):
        raise Refusal("UNSUPPORTED", "the request line is malformed", status=400)
    method, target, version = words
    if version not in {"HTTP/1.0", "HTTP/1.1"}:
        raise Refusal("UNSUPPORTED", "only HTTP/1.0 and HTTP/1.1 are spoken here", status=505)
    return method, target, version


def _headers(reader: BufferedReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MAX_HEADERS):
        line = _line(reader, 431, "a header")
        if line is None:
            raise Refusal("UNSUPPORTED", "the request ended within its headers", status=400)
        if line == "":
            return headers
        name, colon, value = line.partition(":")
        # a name that ends in white space, or a folded line, is read differently by different servers
        if not colon or not _TOKEN.fullmatch(name):
            raise Refusal("UNSUPPORTED", "a header is malformed", status=400)
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raise Refusal("UNSUPPORTED", f"there are more than {_MAX_HEADERS} headers", status=431)


def _parameters(query: str) -> dict[str, tuple[str, ...]]:
    try:
        parameters = parse_qs(query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        message = f"there are more than {_MAX_PARAMETERS} query parameters"
        raise Refusal("UNSUPPORTED", message, status=414) from None
    return {name: tuple(values) for name, values in parameters.items()}


def _length(headers: dict[str, str]) -> int | None:
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is None:
        if length is None:
            return 0
        if not _DIGITS.fullmatch(length):
            raise Refusal("SIZE_INVALID", "Content-Length is not one whole number")
        return int(length)
    # with both, two servers may see two different requests (RFC 9112 section 11.2)
    if length is not None:
        raise Refusal("SIZE_INVALID", "there is a Content-Length and a Transfer-Encoding")
    if coding.lower() != "chunked":
        raise Refusal("UNSUPPORTED", "the only Transfer-Encoding known here is chunked", status=501)
    return None
