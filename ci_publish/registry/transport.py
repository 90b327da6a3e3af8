"""Requests to one registry and their answers: authentication, redirects, failures."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Self

import httpx

from ci_publish.errors import RegistryError, UsageError
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.destination import printable, resolve, same_origin
from ci_publish.registry.diagnosis import explain, explain_failure
from ci_publish.registry.endpoint import Endpoint, is_loopback
from ci_publish.registry.error_body import clean
from ci_publish.registry.scope import Scopes
from ci_publish.registry.settings import Settings

# Longest answers that are read: of errors and of token services.
MAX_ERROR = 64 * 1024
MAX_TOKEN = 1024 * 1024
_MAX_REDIRECTS = 5
# What the socket is given at once: it copies the rest after each partial send, and the write timeout is for this much.
_SLICE = 128 * 1024
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
_MAX_WARNINGS = 100


class Transport:
    """The connection to one registry; safe to use from several threads.

    Args:
        endpoint: the registry.
        auth: who we are there.
        http: sends requests; closed with this.
        settings: how to name ourselves, whom to tell of warnings.
    """

    def __init__(self, endpoint: Endpoint, auth: RegistryAuth, http: httpx.Client, settings: Settings) -> None:
        self.endpoint = endpoint
        self._auth = auth
        self._http = http
        self._settings = settings
        self._warnings: set[str] = set()
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def send(
        self, request: httpx.Request, *, scopes: Scopes, accept: Collection[int], limit: int = MAX_ERROR
    ) -> httpx.Response:
        """The whole answer to a request.

        Args:
            request: its body, if it has one, must give the same bytes each time it is iterated.
            scopes: what it needs, the most important one first.
            accept: statuses that are no error.
            limit: most bytes of body to take.

        Raises:
            RegistryError: another status, a longer body, or no answer.
            AuthError: the registry or its token service refused us.
        """
        with closing(self._answer(request, scopes)) as response:
            answer = self._read(response, limit)
        return self._checked(answer, accept)

    def open(self, request: httpx.Request, *, scopes: Scopes, accept: Collection[int]) -> httpx.Response:
        """The answer to a request, its body unread; whoever reads it closes it. Arguments as in `send`."""
        response = self._answer(request, scopes)
        if response.status_code in accept:
            return response
        with closing(response):
            return self._checked(self._read(response, MAX_ERROR), accept)

    def _answer(self, request: httpx.Request, scopes: Scopes) -> httpx.Response:
        """The open answer to `request`, after what authentication needs to send before and between."""
        with closing(self._auth.flow(request, scopes)) as flow:
            step = next(flow)
            while True:
                response = self._follow(step)
                if step is not request or response.status_code == httpx.codes.UNAUTHORIZED:
                    with closing(response):
                        response = self._read(response, MAX_TOKEN if response.is_success else MAX_ERROR)
                try:
                    step = flow.send(response)
                except StopIteration as end:
                    answer: httpx.Response = end.value
                    return answer

    def _follow(self, request: httpx.Request) -> httpx.Response:
        """The open answer to a request or to what it is redirected to."""
        for _ in range(_MAX_REDIRECTS):
            response = self._transmit(request)
            try:
                redirected = self._redirected(request, response)
            except RegistryError:
                response.close()
                raise
            if redirected is None:
                return response
            response.close()
            request = redirected
        raise RegistryError(
            f"{self.endpoint.host} redirects without end", method=request.method, url=printable(request.url)
        )

    def _transmit(self, request: httpx.Request) -> httpx.Response:
        timeout = self._http.timeout.as_dict()
        if request.method in {"PATCH", "PUT"}:
            timeout["read"] = self._settings.commit_timeout
        request.extensions["timeout"] = timeout
        request.headers.setdefault("User-Agent", self._settings.user_agent)
        # digests are of the bytes as they are
        request.headers.setdefault("Accept-Encoding", "identity")
        with failures(request):
            response = self._http.send(request, auth=None, stream=True, follow_redirects=False)
        self._note_warnings(response)
        return response

    def _redirected(self, request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
        """The request that a redirect asks for; `None` when this is no redirect or must not be followed."""
        if not response.has_redirect_location:
            return None
        url = resolve(response.headers["Location"], base=request.url, endpoint=self.endpoint)
        is_safe = request.method in {"GET", "HEAD"}
        has_moved = response.status_code in {307, 308}
        # What is written may hold a refresh token or a layer: it goes to the registry or nowhere.
        if not is_safe and not (has_moved and same_origin(url, request.url)):
            return None
        headers = request.headers.copy()
        headers["Host"] = url.netloc.decode("ascii")
        if not same_origin(url, request.url):
            headers.pop("Authorization", None)
        return httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=dict(request.extensions)
        )

    def _read(self, response: httpx.Response, limit: int) -> httpx.Response:
        """The same answer with its body in memory; that of an error is cut at the limit."""
        if response.is_stream_consumed:
            return response
        blocks: list[bytes] = []
        size = 0
        with failures(response.request):
            for block in response.iter_raw():
                blocks.append(block)
                size += len(block)
                if size > limit:
                    break
        if size > limit and response.is_success:
            raise RegistryError(
                f"{self.endpoint.host} answered with more than {limit} bytes",
                method=response.request.method,
                url=printable(response.request.url),
                status=response.status_code,
            )
        headers = [item for item in response.headers.multi_items() if item[0].lower() != "content-encoding"]
        return httpx.Response(
            response.status_code, headers=headers, content=b"".join(blocks)[:limit], request=response.request
        )

    def _checked(self, response: httpx.Response, accept: Collection[int]) -> httpx.Response:
        if response.status_code in accept:
            return response
        raise explain(response, self.endpoint, is_anonymous=self._auth.is_anonymous)

    def _note_warnings(self, response: httpx.Response) -> None:
        # distribution-spec, "Warnings": show them, once each, and never act on them.
        values = response.headers.get_list("Warning")
        for text in (clean(text) for value in values for text in _WARNING.findall(value)):
            with self._guard:
                if text in self._warnings or len(self._warnings) >= _MAX_WARNINGS:
                    continue
                self._warnings.add(text)
            self._settings.on_warning(f"{self.endpoint.host}: {text}")


class SlicedBody:
    """A request's body in slices fit for a socket; it can be iterated as often as what it is made of."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks

    def __iter__(self) -> Iterator[bytes]:
        """The slices, none of them empty: in chunked coding that would be the end."""
        for block in self._blocks:
            for start in range(0, len(block), _SLICE):
                yield block[start : start + _SLICE]


@contextmanager
def failures(request: httpx.Request) -> Iterator[None]:
    """Turns failures of the connection into errors of ours.

    Raises:
        RegistryError: instead of what httpx raises.
    """
    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise explain_failure(error, request) from error


def open_client(endpoint: Endpoint, settings: Settings) -> httpx.Client:
    """The HTTP client for one registry.

    Raises:
        UsageError: the file of certificate authorities or the proxy of the environment cannot be used.
    """
    timeout = httpx.Timeout(
        connect=settings.connect_timeout,
        read=settings.read_timeout,
        write=settings.write_timeout,
        pool=settings.read_timeout,
    )
    limits = httpx.Limits(
        max_connections=settings.connections, max_keepalive_connections=settings.connections, keepalive_expiry=30.0
    )
    # a proxy could not reach what only this machine can
    has_proxies = settings.proxies_from_environment and not is_loopback(endpoint.hostname)
    try:
        return httpx.Client(verify=_trust(settings), trust_env=has_proxies, timeout=timeout, limits=limits)
    except (ValueError, ImportError, httpx.InvalidURL):
        # the library's message repeats parts of the address, among which may be a password
        raise UsageError(
            "the proxy that the environment names cannot be used",
            hint="HTTPS_PROXY is written http://HOST:PORT; SOCKS proxies are not spoken",
        ) from None


def _trust(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        # some systems keep no certificates where OpenSSL looks; httpx brings a list
        context = httpx.create_ssl_context()
    if settings.ca_file is None:
        return context
    try:
        context.load_verify_locations(settings.ca_file)
    except OSError as error:
        # an SSLError is one too, and says that the file's content was not understood
        reason = "it holds no certificates in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(f"certificate authorities cannot be read from {settings.ca_file}: {reason}") from None
    return context
