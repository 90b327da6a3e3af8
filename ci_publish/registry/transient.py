"""Which failures of a registry are transient, by status, error code or cause, and how long it asks to wait."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from email.utils import parsedate_to_datetime

import httpx

# 499 and 520-524 come from proxies in front of a registry that did not answer them.
_TRANSIENT_STATUSES = frozenset({408, 425, 429, 499, 500, 502, 503, 504, *range(520, 525)})
_TRANSIENT_CODES = frozenset({"TOOMANYREQUESTS", "UNAVAILABLE"})
# The registry lost the upload: a new one from its start may succeed.
_LOST_UPLOAD_CODES = frozenset({"BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID"})
# GitHub's name for "slower", under status 403.
_RATE_LIMIT = "secondary rate limit"

_SHORTEST_DELAY = 1.0

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(rf"(\d{{1,9}}(?:\.\d{{0,12}})?)({'|'.join(sorted(_UNITS, key=len, reverse=True))})")
_RETRY_AFTER_TEXT = re.compile(rf"retry-after:\s*((?:{_DURATION.pattern})+)", re.IGNORECASE)


def is_transient(*, method: str, status: int, codes: Collection[str] = (), text: str = "") -> bool:
    """Whether the same request may succeed later, judged by an answer.

    Args:
        method: of the request.
        status: of the answer.
        codes: error codes in the answer's body.
        text: what the body says.
    """
    if status in _TRANSIENT_STATUSES or _TRANSIENT_CODES & set(codes):
        return True
    if method in {"PATCH", "PUT"} and _LOST_UPLOAD_CODES & set(codes):
        return True
    return is_rate_limit(status, text)


def is_rate_limit(status: int, text: str) -> bool:
    """Whether this is GitHub's refusal of too many requests, which looks like one of permission."""
    return status == httpx.codes.FORBIDDEN and _RATE_LIMIT in text.lower()


def is_transient_failure(error: httpx.TransportError) -> bool:
    """Whether the same request may succeed later, judged by how the connection failed."""
    cause = os_error(error)
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    if isinstance(cause, ssl.SSLError):
        # a connection that ends without goodbye, rather than one that does not fit
        return isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
    return not isinstance(error, (httpx.LocalProtocolError, httpx.UnsupportedProtocol))


def os_error(error: BaseException) -> OSError | None:
    """The system's error below a library's, if there is one."""
    return next((link for link in _causes(error) if isinstance(link, OSError)), None)


def retry_after(headers: Mapping[str, str], text: str) -> float | None:
    """The seconds that an answer asks to wait, at least one; `None` when it does not say.

    Args:
        headers: `Retry-After` as seconds or as a date, which counts from the answer's own `Date`.
        text: what the body says; ghcr.io writes `retry-after: 10.3ms` there and nothing in a header.
    """
    asked = _asked(headers, text)
    # ghcr.io asks for milliseconds, which all jobs of a workflow would keep to
    return None if asked is None else max(asked, _SHORTEST_DELAY)


def _asked(headers: Mapping[str, str], text: str) -> float | None:
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        match = _RETRY_AFTER_TEXT.search(text)
        return _seconds(match.group(1)) if match else None
    return until.total_seconds()


def _seconds(duration: str) -> float:
    return sum(float(number) * _UNITS[unit.lower()] for number, unit in _DURATION.findall(duration))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
