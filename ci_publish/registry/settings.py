"""How to speak to registries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _ignore(_text: str) -> None:
    """Take a text and do nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose about the connection to a registry.

    Args:
        clock: seconds from any start, never going back (`time.monotonic`); it ages tokens.
        plain_http: whether to speak `http` to hosts other than this machine.
        ca_file: PEM file of certificate authorities to trust beside the system's (which `SSL_CERT_FILE` replaces).
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for the next bytes of an answer.
        commit_timeout: the same for answers to what was written, which a registry may move about before it answers.
        write_timeout: seconds to wait until the next bytes of a request are taken.
        connections: most connections open at once.
        proxies_from_environment: whether `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count; never for this machine.
        user_agent: how we name ourselves.
        on_warning: told each text that a registry sends as `Warning: 299`, once.
        on_token: told each token that a token service gives, before it is used: logs must not show it.
    """

    clock: Callable[[], float]
    plain_http: bool = False
    ca_file: Path | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    commit_timeout: float = 300.0
    write_timeout: float = 60.0
    connections: int = 32
    proxies_from_environment: bool = True
    user_agent: str = "ci-publish"
    on_warning: Callable[[str], None] = _ignore
    on_token: Callable[[str], None] = _ignore
