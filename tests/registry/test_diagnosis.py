from __future__ import annotations

import json
import socket
import ssl
import string
from collections.abc import Mapping

import httpx
import pytest

from ci_publish.errors import AuthError, RegistryError
from ci_publish.registry.advice import ADVICE, is_github
from ci_publish.registry.diagnosis import explain, explain_failure
from ci_publish.registry.endpoint import Endpoint

GHCR = Endpoint.of("ghcr.io")
UPLOADS = "https://ghcr.io/v2/owner/group/image/blobs/uploads/?digest=secret"


def refusal(
    status: int,
    code: str = "",
    message: str = "",
    *,
    endpoint: Endpoint = GHCR,
    method: str = "POST",
    url: str = UPLOADS,
    is_anonymous: bool = False,
    is_token_service: bool = False,
    headers: Mapping[str, str] | None = None,
) -> RegistryError:
    body = json.dumps({"errors": [{"code": code, "message": message}]}).encode() if code else b""
    response = httpx.Response(status, content=body, headers=headers, request=httpx.Request(method, url))
    return explain(response, endpoint, is_anonymous=is_anonymous, is_token_service=is_token_service)


def test_a_refusal_tells_who_what_and_why_but_no_query() -> None:
    error = refusal(404, "NAME_UNKNOWN", "repository name not known to registry")
    assert error.message == (
        "ghcr.io answered 404 Not Found to POST https://ghcr.io/v2/owner/group/image/blobs/uploads/: "
        "NAME_UNKNOWN: repository name not known to registry"
    )
    assert (error.method, error.status, error.codes) == ("POST", 404, ("NAME_UNKNOWN",))
    assert error.url == "https://ghcr.io/v2/owner/group/image/blobs/uploads/"
    assert "secret" not in repr(vars(error))


# status, code, message of ghcr.io → a word of the hint that helps
GITHUB = [
    (403, "DENIED", "permission_denied: write_package", "Manage Actions access"),
    (403, "DENIED", "installation not allowed to Create organization package", "packages: write"),
    (403, "DENIED", "installation not allowed to Write organization package", "forks"),
    (403, "DENIED", "denied", "classic personal access token"),
    (401, "UNAUTHORIZED", "unauthenticated: User cannot be authenticated with the token provided.", "expired"),
    (403, "DENIED", "permission_denied: The token provided does not match expected scopes.", "write:packages"),
    (403, "DENIED", "permission_denied: The requested installation does not exist.", "GitHub App"),
    (403, "DENIED", "not_found: owner not found", "owner"),
    (403, "DENIED", "requested access to the resource is denied", "packages: write"),
    (400, "NAME_INVALID", "invalid repository name", "ghcr.io/OWNER/NAME"),
    (404, "NAME_UNKNOWN", "repository name not known to registry", "private"),
    (404, "MANIFEST_UNKNOWN", "manifest unknown", "tag or digest"),
    (405, "UNSUPPORTED", "The operation is unsupported.", "REST API"),
]


@pytest.mark.parametrize(("status", "code", "message", "word"), GITHUB)
def test_what_github_says_has_advice(status: int, code: str, message: str, word: str) -> None:
    error = refusal(status, code, message)
    assert word in (error.hint or "")
    assert isinstance(error, AuthError) == (status in {401, 403})
    assert not error.transient


def test_the_settings_page_is_the_packages_own() -> None:
    hint = refusal(403, "DENIED", "permission_denied: write_package").hint or ""
    assert "https://github.com/orgs/owner/packages/container/group%2Fimage/settings" in hint


def test_the_token_to_paste_is_written_as_workflows_have_it() -> None:
    hint = refusal(401, "UNAUTHORIZED", "authentication required", is_anonymous=True).hint or ""
    assert "GITHUB_TOKEN: ${{ github.token }}" in hint


@pytest.mark.parametrize(("is_anonymous", "word"), [(True, "no credentials"), (False, "check user name and password")])
def test_other_registries_have_general_advice(*, is_anonymous: bool, word: str) -> None:
    other = Endpoint.of("registry.example.com:5000")
    error = refusal(401, "UNAUTHORIZED", "authentication required", endpoint=other, is_anonymous=is_anonymous)
    assert isinstance(error, AuthError)
    assert word in (error.hint or "")
    assert "ci-publish login registry.example.com:5000" in (error.hint or "")


def test_every_hint_can_be_filled_in() -> None:
    names = {name for advice in ADVICE for _, name, _, _ in string.Formatter().parse(advice.hint) if name}
    assert names <= {"host", "path", "owner", "package"}


def test_githubs_registries_are_known() -> None:
    assert is_github("ghcr.io")
    assert is_github("containers.example.com")
    assert not is_github("ghcr.io.example.com")
    assert not is_github("docker.io")


def test_a_rate_limit_is_no_refusal() -> None:
    error = refusal(403, "DENIED", "You have exceeded a secondary rate limit")
    assert not isinstance(error, AuthError)
    assert error.transient
    busy = refusal(429, "TOOMANYREQUESTS", "retry-after: 10.305464ms, allowed: 2000/minute")
    assert busy.transient
    assert busy.retry_after == 1.0
    assert refusal(503, headers={"Retry-After": "7"}).retry_after == 7.0


def test_a_token_service_is_named_with_its_address() -> None:
    error = refusal(401, "DENIED", "denied", url="https://auth.example.com/token?scope=x", is_token_service=True)
    assert error.message.startswith(
        "the token service of ghcr.io answered 401 Unauthorized to POST https://auth.example.com/token"
    )


def test_a_web_page_and_a_redirect_are_no_registry() -> None:
    request = httpx.Request("GET", "https://intranet.example.com/v2/")
    page = httpx.Response(404, headers={"Content-Type": "text/html"}, content=b"<html>secret", request=request)
    moved = httpx.Response(302, headers={"Location": "/login?secret"}, request=request)
    for response in (page, moved):
        error = explain(response, GHCR, is_anonymous=True)
        assert "not a registry" in error.message
        assert "secret" not in error.message


def test_a_status_that_nobody_knows() -> None:
    assert "answered 799 to" in refusal(799).message


def caused(kind: type[httpx.TransportError], cause: Exception | None) -> httpx.TransportError:
    error = kind("something technical")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (caused(httpx.ConnectError, socket.gaierror(-2, "Name or service not known")), "there is no host", "spelling"),
        (caused(httpx.ConnectError, ConnectionRefusedError(111, "refused")), "refused the connection", "port"),
        (caused(httpx.ConnectTimeout, TimeoutError()), "could not be reached in time", "HTTPS_PROXY"),
        (caused(httpx.ReadTimeout, None), "no byte moved in time", ""),
        (caused(httpx.PoolTimeout, None), "too many transfers", ""),
        (caused(httpx.ProxyError, None), "the proxy refused", "NO_PROXY"),
        (
            caused(httpx.ConnectError, ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")),
            "does not speak TLS",
            "--plain-http",
        ),
        (caused(httpx.ReadError, ConnectionResetError(104, "Connection reset by peer")), "reset by peer", ""),
        (caused(httpx.RemoteProtocolError, None), "something technical", ""),
    ],
)
def test_a_failure_of_the_network_is_one_clear_line(error: httpx.TransportError, message: str, hint: str) -> None:
    explained = explain_failure(error, httpx.Request("GET", "https://ghcr.io/v2/?secret"))
    assert message in explained.message
    assert "ghcr.io" in explained.message
    assert hint in (explained.hint or "")
    assert explained.url == "https://ghcr.io/v2/"
