from __future__ import annotations

import socket
import ssl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.registry.transient import is_transient, is_transient_failure, retry_after

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize("status", [408, 425, 429, 499, 500, 502, 503, 504, 520, 522, 524])
def test_statuses_that_pass(status: int) -> None:
    assert is_transient(method="GET", status=status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 416, 501, 505, 525])
def test_statuses_that_stay(status: int) -> None:
    assert not is_transient(method="PUT", status=status)


def test_a_lost_upload_passes_when_it_is_started_anew() -> None:
    for method, expected in (("PATCH", True), ("PUT", True), ("GET", False), ("POST", False)):
        assert is_transient(method=method, status=404, codes=("BLOB_UPLOAD_UNKNOWN",)) is expected
        assert is_transient(method=method, status=400, codes=("BLOB_UPLOAD_INVALID",)) is expected


def test_a_rate_limit_passes_though_it_looks_like_a_refusal() -> None:
    assert is_transient(method="PUT", status=403, text="You have exceeded a secondary rate limit. Please wait")
    assert not is_transient(method="PUT", status=403, text="denied")
    assert is_transient(method="PUT", status=400, codes=("TOOMANYREQUESTS",))


def failure(kind: type[httpx.TransportError], cause: BaseException | None = None) -> httpx.TransportError:
    error = kind("broken")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (failure(httpx.ReadError, ConnectionResetError()), True),
        (failure(httpx.ConnectError, ConnectionRefusedError()), True),
        (failure(httpx.ReadTimeout, TimeoutError()), True),
        (failure(httpx.RemoteProtocolError), True),
        (failure(httpx.ConnectError, socket.gaierror(socket.EAI_AGAIN, "try again")), True),
        (failure(httpx.ConnectError, socket.gaierror(socket.EAI_NONAME, "no such host")), False),
        (failure(httpx.ConnectError, ssl.SSLCertVerificationError()), False),
        (failure(httpx.ConnectError, ssl.SSLError(1, "wrong version number")), False),
        (failure(httpx.ReadError, ssl.SSLEOFError(8, "unexpected eof")), True),
        (failure(httpx.LocalProtocolError), False),
        (failure(httpx.UnsupportedProtocol), False),
    ],
)
def test_connections_that_may_come_back(error: httpx.TransportError, *, expected: bool) -> None:
    assert is_transient_failure(error) is expected


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"Retry-After": "7"}, "", 7.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": DATE}, "", 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT", "Date": DATE}, "", 1.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, "", None),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "-5"}, "", None),
        ({}, "retry-after: 10.305464ms, allowed: 2000/minute", 1.0),
        ({}, "retry-after: 1m30.5s, allowed: 2000/minute", 90.5),
        ({}, "retry-after: 250µs", 1.0),
        ({"Retry-After": "3"}, "retry-after: 10ms", 3.0),
        ({}, "retry-after: never", None),
        ({}, "", None),
    ],
)
def test_the_delay_a_registry_asks_for(headers: dict[str, str], text: str, seconds: float | None) -> None:
    assert retry_after(headers, text) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(), st.text())
def test_no_answer_asks_for_less_than_a_second(header: str, text: str) -> None:
    delay = retry_after({"Retry-After": header, "Date": DATE}, f"retry-after: {text}")
    assert delay is None or delay >= 1
