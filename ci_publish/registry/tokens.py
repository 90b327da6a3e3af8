"""Bearer tokens: asking a token service for one, and keeping it while it lasts."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from ci_publish.errors import RegistryError
from ci_publish.registry.credentials.credentials import Credentials
from ci_publish.registry.scope import Scope, Scopes, cover

# Older clients need tokens to last this long, so services that say less do not mean it
# (distribution docs/content/spec/auth/token.md).
_SHORTEST_LIFE = 60.0
# Longer than any job. What JSON calls a number may be too large to count with.
_LONGEST_LIFE = 7 * 24 * 3600.0
# A request may take this long to reach the registry.
_MARGIN = 5.0
_CLIENT_ID = "ci-publish"
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class TokenService:
    """Where a challenge says that tokens are to be had.

    Args:
        realm: its address.
        service: the name of the registry there; may be empty.
    """

    realm: httpx.URL
    service: str = ""

    def get(self, scopes: Iterable[str], credentials: Credentials | None) -> httpx.Request:
        """A request for a token by user name and password, or as nobody.

        Source: distribution docs/content/spec/auth/token.md.
        """
        query = [("service", self.service)] if self.service else []
        query += [("scope", scope) for scope in scopes]
        headers = {"Accept": "application/json"}
        if credentials:
            headers["Authorization"] = credentials.basic()
            query += [("account", credentials.username)] if credentials.username else []
        return httpx.Request("GET", extend_query(self.realm, urlencode(query, quote_via=quote)), headers=headers)

    def post(self, scopes: Iterable[str], credentials: Credentials) -> httpx.Request:
        """A request for a token by identity token.

        Source: distribution docs/content/spec/auth/oauth.md.
        """
        form = {
            "grant_type": "refresh_token",
            "refresh_token": credentials.identity_token,
            "client_id": _CLIENT_ID,
            "service": self.service,
            "scope": " ".join(scopes),
        }
        return httpx.Request("POST", self.realm, data=form, headers={"Accept": "application/json"})


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token.

    Args:
        value: what is sent; opaque.
        scopes: what it was asked for; the service may have granted less.
        expires: when it ends, in seconds of our clock.
    """

    value: str
    scopes: Scopes
    expires: float

    @property
    def header(self) -> str:
        """The value of the `Authorization` header."""
        return f"Bearer {self.value}"

    def __repr__(self) -> str:
        return f"Token(scopes={self.scopes}, expires={self.expires})"


class TokenCache:
    """Tokens that still last, each under the scopes it was asked for; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens: dict[frozenset[Scope], Token] = {}
        self._locks: dict[frozenset[Scope], threading.Lock] = {}
        self._guard = threading.Lock()

    def find(self, scopes: Sequence[Scope]) -> Token | None:
        """A token that covers these scopes and lasts a little longer."""
        soon = self._clock() + _MARGIN
        with self._guard:
            tokens = tuple(self._tokens.values())
        return next((token for token in tokens if token.expires > soon and cover(token.scopes, scopes)), None)

    def keep(self, token: Token) -> None:
        """Offer this token to later requests, in place of an older one of its scopes."""
        with self._guard:
            self._tokens[frozenset(token.scopes)] = token

    def drop(self, header: str) -> None:
        """Offer the token of this `Authorization` header no longer: the registry refused it."""
        with self._guard:
            self._tokens = {key: token for key, token in self._tokens.items() if token.header != header}

    def fetching(self, scopes: Sequence[Scope]) -> AbstractContextManager[Any]:
        """Held while a token of these scopes is fetched, so that many threads ask once."""
        with self._guard:
            return self._locks.setdefault(frozenset(scopes), threading.Lock())


def read_token(response: httpx.Response, scopes: Scopes, *, now: float) -> Token:
    """The token in a token service's answer, whose body was read.

    Args:
        response: an answer with status 200.
        scopes: what was asked for.
        now: seconds of our clock.

    Raises:
        RegistryError: there is no token in it.
    """
    try:
        document = json.loads(response.content)
        value = document.get("token") or document.get("access_token")
    except (ValueError, AttributeError, RecursionError):
        document, value = {}, None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise RegistryError(f"the token service at {response.url.host} answered without a token", status=200)
    seconds = document.get("expires_in")
    life = min(seconds, _LONGEST_LIFE) if isinstance(seconds, (int, float)) else 0.0
    return Token(value, scopes, now + max(_SHORTEST_LIFE, life) - _age(document.get("issued_at"), response))


def extend_query(url: httpx.URL, query: str) -> httpx.URL:
    """The address with more query at its end; what is there stays byte for byte, because it may be signed."""
    if not query:
        return url
    present = url.query.decode("ascii")
    return url.copy_with(query=(f"{present}&{query}" if present else query).encode("ascii"))


def _age(issued_at: object, response: httpx.Response) -> float:
    # Both times are the service's own: our clock may differ from it by any amount.
    try:
        age = parsedate_to_datetime(response.headers["Date"]) - datetime.fromisoformat(str(issued_at))
    except (KeyError, TypeError, ValueError):
        return 0.0
    return max(age, timedelta(0)).total_seconds()
