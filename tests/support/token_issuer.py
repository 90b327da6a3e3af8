"""A token service with real signatures: GET with Basic, POST with a form, as distribution's specification has it."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.certificates import KeyPair, make_authority

ISSUER, SERVICE = "tests", "registry of the tests"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What the service was asked."""

    method: str
    user: str | None
    scopes: tuple[str, ...]


@dataclass(slots=True)
class TokenIssuer:
    """The service's state; a test may change it while it runs.

    Args:
        users: passwords by user; each may do everything, and nobody in particular may pull.
        identity_tokens: users by identity token.
        lifetimes: seconds of the next tokens, used up one by one; afterwards `lifetime` counts.
        knows_forms: whether it knows the newer protocol.
    """

    users: Mapping[str, str]
    identity_tokens: Mapping[str, str] = field(default_factory=dict)
    lifetime: float = 300.0
    lifetimes: list[float] = field(default_factory=list)
    knows_forms: bool = True
    pair: KeyPair = field(default_factory=lambda: make_authority("token issuer of the tests"))
    requests: list[TokenRequest] = field(default_factory=list)
    url: str = ""

    def issue(self, user: str | None, scopes: tuple[str, ...]) -> dict[str, Any]:
        """The answer's document, with a token for what the user may do of this."""
        lifetime = self.lifetimes.pop(0) if self.lifetimes else self.lifetime
        now = time.time()
        claims = {
            "iss": ISSUER,
            "sub": user or "",
            "aud": SERVICE,
            "iat": int(now - 3600),
            "nbf": int(now - 3600),
            "exp": int(now + lifetime),
            "jti": uuid.uuid4().hex,
            "access": [_access(scope, user) for scope in scopes],
        }
        token = jwt.encode(claims, self.pair.key, algorithm="ES256", headers={"kid": self._key_id()})
        return {"token": token, "access_token": token, "expires_in": 300}

    def _key_id(self) -> str:
        # libtrust's fingerprint, by which distribution 2 finds the key
        public = self.pair.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        text = base64.b32encode(hashlib.sha256(public).digest()[:30]).decode()
        return ":".join(text[start : start + 4] for start in range(0, len(text), 4))


@contextmanager
def running_issuer(issuer: TokenIssuer) -> Iterator[TokenIssuer]:
    """The service, reachable at `issuer.url` inside the block."""

    class Handler(_Handler):
        state = issuer

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        issuer.url = f"http://127.0.0.1:{server.server_port}/token"
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: TokenIssuer

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        user, is_known = self._basic()
        self.state.requests.append(TokenRequest("GET", user, tuple(query.get("scope", ()))))
        if not is_known or query.get("service") != [SERVICE]:
            self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong user or password"}]})
            return
        self._answer(200, self.state.issue(user, tuple(query.get("scope", ()))))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        scopes = tuple(form["scope"][0].split()) if "scope" in form else ()
        user = self.state.identity_tokens.get(form.get("refresh_token", [""])[0])
        self.state.requests.append(TokenRequest("POST", user, scopes))
        if not self.state.knows_forms:
            self._answer(404, {})
        elif user is None or form["grant_type"] != ["refresh_token"] or not form.get("client_id"):
            self._answer(400, {"error": "invalid_grant"})
        else:
            self._answer(200, self.state.issue(user, scopes))

    def _basic(self) -> tuple[str | None, bool]:
        header = self.headers.get("Authorization")
        if header is None:
            return None, True
        user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        if user == "<token>":
            return self.state.identity_tokens.get(password), password in self.state.identity_tokens
        return user, self.state.users.get(user) == password

    def _answer(self, status: int, document: Mapping[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Keep the tests' output quiet."""


def _access(scope: str, user: str | None) -> dict[str, Any]:
    kind, name, actions = scope.split(":")
    granted = actions.split(",") if user else [action for action in actions.split(",") if action == "pull"]
    return {"type": kind, "name": name, "actions": granted}
