"""How requests prove who we are: nobody, Basic or Bearer, as the registry asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Literal

import httpx

from ci_publish.errors import AuthError, RegistryError
from ci_publish.registry.challenge import Challenge, parse_challenges
from ci_publish.registry.credentials.credentials import Credentials
from ci_publish.registry.destination import resolve, same_origin
from ci_publish.registry.diagnosis import explain
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.scope import Scopes
from ci_publish.registry.tokens import Token, TokenCache, TokenService, read_token

# What one step of the protocol sends, and what it is given back.
Steps = Generator[httpx.Request, httpx.Response, None]
AnswerSteps = Generator[httpx.Request, httpx.Response, httpx.Response]
TokenSteps = Generator[httpx.Request, httpx.Response, Token]
HeaderSteps = Generator[httpx.Request, httpx.Response, str | None]

Method = TokenService | Literal["basic"]


class RegistryAuth:
    """The authentication protocol of one registry, without its input and output.

    It learns what the registry wants from `GET /v2/` before the first request, and has a token that lasts
    before any other, so that a large body is not the one to find out that it may not be sent.

    Args:
        endpoint: the registry.
        credentials: who we are; `None` for nobody in particular.
        clock: seconds, never going back.
        on_token: told each token that a token service gives, before it is used.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials | None,
        *,
        clock: Callable[[], float],
        on_token: Callable[[str], None] = lambda _token: None,
    ) -> None:
        self._endpoint = endpoint
        self._home = httpx.URL(endpoint.url)
        self._credentials = credentials
        self._clock = clock
        self._on_token = on_token
        self._tokens = TokenCache(clock)
        self._method: Method | None = None
        self._has_learned = False
        self._learning = threading.Lock()

    @property
    def is_anonymous(self) -> bool:
        """Whether we go as nobody in particular."""
        return self._credentials is None

    def flow(self, request: httpx.Request, scopes: Scopes) -> AnswerSteps:
        """The requests to send, in turn, to have this one answered: each yield takes an answer, and the
        generator returns the one that counts.

        Answers must have been read, except one to `request` whose status is not 401. Close the generator when
        sending fails.

        Args:
            request: its `Authorization` header is set here; at another origin than the registry's it gets none.
            scopes: what it needs, the most important one first.

        Raises:
            AuthError: the token service refused us, or the registry asks for something unknown.
            RegistryError: the token service failed.
        """
        if not same_origin(request.url, self._home):
            return (yield request)
        yield from self._learn()
        sent = yield from self._header(scopes)
        response = yield _with_header(request, sent)
        # what storage says after a redirect is not about us
        if response.status_code != httpx.codes.UNAUTHORIZED or not same_origin(response.url, self._home):
            return response
        asked = self._take_challenge(response)
        if sent:
            self._tokens.drop(sent)
        again = yield from self._header(scopes, asked=asked)
        if again is None or again == sent:
            return response
        return (yield _with_header(request, again))

    def _learn(self) -> Steps:
        if self._has_learned:
            return
        with self._learning:
            if self._has_learned:
                return
            response = yield httpx.Request("GET", f"{self._endpoint.url}/v2/")
            if response.status_code == httpx.codes.UNAUTHORIZED:
                self._take_challenge(response)
            # a server that is out of order tells nothing about what it wants in order
            self._has_learned = not response.is_server_error

    def _take_challenge(self, response: httpx.Response) -> tuple[str, ...]:
        """Follow what this answer asks for from now on; gives the scopes it names."""
        challenges = parse_challenges(response.headers.get_list("WWW-Authenticate"))
        for challenge in challenges:
            if challenge.scheme == "basic":
                self._method = "basic"
                return ()
            if challenge.scheme == "bearer":
                self._method = self._token_service(challenge, response.url)
                return tuple(challenge.parameters.get("scope", "").split())
        # Some registries send no challenge with the 401 of a resource: the one of /v2/ holds.
        if challenges:
            schemes = ", ".join(sorted({challenge.scheme for challenge in challenges}))
            raise AuthError(
                f"{self._endpoint.host} asks for an authentication that is not known: {schemes[:100]}",
                hint="known are Basic and Bearer",
                url=self._endpoint.url,
                status=401,
            )
        return ()

    def _token_service(self, challenge: Challenge, base: httpx.URL) -> TokenService:
        realm = challenge.parameters.get("realm", "")
        if "://" not in realm:
            raise RegistryError(
                f"{self._endpoint.host} asks for a token but does not say where to get one", url=self._endpoint.url
            )
        return TokenService(resolve(realm, base=base, endpoint=self._endpoint), challenge.parameters.get("service", ""))

    def _header(self, scopes: Scopes, *, asked: tuple[str, ...] = ()) -> HeaderSteps:
        method, credentials = self._method, self._credentials
        if method is None:
            return None
        if method == "basic":
            return credentials.basic() if credentials else None
        if credentials and credentials.registry_token:
            return f"Bearer {credentials.registry_token}"
        token = self._tokens.find(scopes)
        if token is None:
            with self._tokens.fetching(scopes):
                token = self._tokens.find(scopes) or (yield from self._fetch(method, scopes, asked))
                self._tokens.keep(token)
        return token.header

    def _fetch(self, service: TokenService, scopes: Scopes, asked: tuple[str, ...]) -> TokenSteps:
        # Some registries grant the first scope only, so what was just asked for comes first.
        names = tuple(dict.fromkeys((*asked, *map(str, scopes))))
        credentials = self._credentials
        if credentials and credentials.identity_token:
            response = yield service.post(names, credentials)
            # a service without the newer protocol answers 404
            if response.status_code != httpx.codes.NOT_FOUND:
                return self._read(response, scopes)
        response = yield service.get(names, credentials)
        return self._read(response, scopes)

    def _read(self, response: httpx.Response, scopes: Scopes) -> Token:
        if response.status_code != httpx.codes.OK:
            raise explain(response, self._endpoint, is_anonymous=self.is_anonymous, is_token_service=True)
        token = read_token(response, scopes, now=self._clock())
        self._on_token(token.value)
        return token


def _with_header(request: httpx.Request, value: str | None) -> httpx.Request:
    request.headers.pop("Authorization", None)
    if value:
        request.headers["Authorization"] = value
    return request
