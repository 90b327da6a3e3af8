"""What a registry's refusal means, in a line, with what to change."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from ci_publish.errors import AuthError, RegistryError
from ci_publish.registry.advice import ADVICE, Advice, is_github
from ci_publish.registry.destination import printable
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.error_body import ErrorBody, clean
from ci_publish.registry.transient import is_rate_limit, is_transient, is_transient_failure, os_error, retry_after

_REPOSITORY = re.compile(r"/v2/(.+?)/(?:blobs|manifests|tags|referrers)/")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success.

    Args:
        host: the registry, as references name it.
        method: of the request.
        url: of the request, printable.
        status: of the answer.
        body: of the answer.
        is_anonymous: whether the request carried no credentials.
        is_token_service: whether it was the token service that answered.
    """

    host: str
    method: str
    url: str
    status: int
    body: ErrorBody
    is_anonymous: bool = False
    is_token_service: bool = False

    @property
    def is_forbidden(self) -> bool:
        """Whether it is about who we are rather than about what we asked."""
        if self.is_token_service and self.status == httpx.codes.BAD_REQUEST:
            # RFC 6749 §5.2: an invalid refresh token
            return True
        return self.status in {401, 403} and not is_rate_limit(self.status, self.body.text)

    def message(self) -> str:
        """What happened, in one line."""
        if self.body.is_page:
            return f"{self.url} answered {_status(self.status)} with a web page: that is not a registry"
        if 300 <= self.status < 400:
            return f"{self.url} sends {self.method} requests elsewhere: that is not a registry"
        who = "the token service of " if self.is_token_service else ""
        line = f"{who}{self.host} answered {_status(self.status)} to {self.method} {self.url}"
        return f"{line}: {self.body.text}" if self.body.text else line

    def hint(self) -> str | None:
        """What to change, for what we have seen before."""
        advice = next((advice for advice in ADVICE if self._fits(advice)), None)
        return advice.hint.format_map(self._names()) if advice else None

    def _fits(self, advice: Advice) -> bool:
        return (
            (advice.status is None or advice.status == self.status)
            and (advice.is_github is None or advice.is_github == is_github(self.host))
            and (advice.is_anonymous is None or advice.is_anonymous == self.is_anonymous)
            and re.search(advice.text, self.body.text, re.IGNORECASE) is not None
        )

    def _names(self) -> Mapping[str, str]:
        match = _REPOSITORY.search(self.url)
        path = match.group(1) if match else "OWNER/NAME"
        owner, _, package = path.partition("/")
        return {"host": self.host, "path": path, "owner": owner, "package": package.replace("/", "%2F") or "NAME"}


def explain(
    response: httpx.Response, endpoint: Endpoint, *, is_anonymous: bool, is_token_service: bool = False
) -> RegistryError:
    """The error that this answer stands for.

    Args:
        response: an answer whose body was read, as far as it matters.
        endpoint: the registry.
        is_anonymous: whether the request carried no credentials.
        is_token_service: whether it was the token service that answered.
    """
    body = ErrorBody.parse(response.content, response.headers.get("Content-Type", ""))
    request = response.request
    url = printable(request.url)
    refusal = Refusal(
        endpoint.host, request.method, url, response.status_code, body, is_anonymous, is_token_service=is_token_service
    )
    error = AuthError if refusal.is_forbidden else RegistryError
    return error(
        refusal.message(),
        hint=refusal.hint(),
        method=request.method,
        url=url,
        status=refusal.status,
        codes=body.codes,
        transient=is_transient(method=request.method, status=refusal.status, codes=body.codes, text=body.text),
        retry_after=retry_after(response.headers, body.text),
    )


def explain_failure(error: httpx.TransportError | httpx.InvalidURL, request: httpx.Request) -> RegistryError:
    """The error that a failed connection stands for."""
    what, hint = _failure(error, request.url.netloc.decode())
    return RegistryError(
        what,
        hint=hint,
        method=request.method,
        url=printable(request.url),
        transient=isinstance(error, httpx.TransportError) and is_transient_failure(error),
    )


def _failure(error: Exception, host: str) -> tuple[str, str | None]:
    """What happened, with a hint: the system says it best, where it was the system."""
    match error:
        case httpx.ConnectTimeout():
            return f"{host} could not be reached in time", "check the network and HTTPS_PROXY"
        case httpx.WriteTimeout() | httpx.ReadTimeout():
            return f"{host} stopped in the middle: no byte moved in time", None
        case httpx.PoolTimeout():
            return f"too many transfers with {host} at once", None
        case httpx.ProxyError():
            return f"the proxy refused to connect to {host}: {clean(str(error))}", "check HTTPS_PROXY and NO_PROXY"
    cause = os_error(error)
    if cause:
        return _system_failure(cause, host)
    return f"the connection to {host} failed: {clean(str(error)) or type(error).__name__}", None


def _system_failure(cause: OSError, host: str) -> tuple[str, str | None]:
    reason = clean(cause.strerror or str(cause))
    match cause:
        case socket.gaierror():
            return f"there is no host {host} ({reason})", "check the spelling of the registry and the network"
        case ssl.SSLCertVerificationError():
            hint = "name the file of the authority that signed it with --ca-file, or in SSL_CERT_FILE"
            return f"the certificate of {host} is not trusted: {reason}", hint
        case ssl.SSLError():
            return f"{host} does not speak TLS as we do: {reason}", "a registry without TLS needs --plain-http"
        case ConnectionRefusedError():
            return f"{host} refused the connection", "check the port, and whether the registry runs"
    return f"the connection to {host} failed: {reason}", None


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
