"""The secrets of one account at one registry."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

# The user name that tells Docker's tools that the password is an identity token.
IDENTITY_USER = "<token>"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are at a registry; its `repr` names the user alone.

    Args:
        username: any text; may be empty beside a token.
        password: the password or access token.
        identity_token: a refresh token, which the registry's token service takes instead of a password.
        registry_token: a bearer token that is sent as it is.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)

    def basic(self) -> str:
        """The value of an `Authorization` header of the Basic scheme (RFC 7617)."""
        user, password = self.username, self.password
        if self.identity_token and not password:
            user, password = user or IDENTITY_USER, self.identity_token
        # the environment's bytes need not be UTF-8: they are sent as they are
        return "Basic " + base64.b64encode(f"{user}:{password}".encode(errors="surrogateescape")).decode()

    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be seen: each secret as it is, and as the Basic scheme writes it."""
        texts = (self.password, self.identity_token, self.registry_token)
        return (*filter(None, texts), self.basic().removeprefix("Basic "))


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for credentials came to.

    Args:
        credentials: `None` when nothing names this registry: we go as nobody in particular.
        origin: where they are from, for people.
    """

    credentials: Credentials | None
    origin: str
