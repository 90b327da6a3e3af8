"""Whose credentials a command sends to which registry."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ci_publish.cli import connection
from ci_publish.cli.connection import Registries
from ci_publish.cli.terminal import Terminal
from ci_publish.errors import UsageError
from ci_publish.oci import Repository
from ci_publish.registry import Credentials, Settings

TOKEN, SECRET = "ghs_job", "other secret"
HUB, GHCR, GHES, LOCAL = "docker.io", "ghcr.io", "containers.ghe.example", "localhost:5000"
NOBODY = None
JOB = ("octocat", TOKEN)


@dataclass(frozen=True)
class Case:
    """What a job gives, and as whom each host is then spoken to; `None` stands for nobody in particular.

    Args:
        sent: host → user and password, in the order of connecting; `UsageError` when that is refused.
        hosts: what is connected to, where that is refused.
        password: as for the action, the job's token unless another one is given.
    """

    name: str
    sent: dict[str, tuple[str, str] | None] | type[UsageError]
    hosts: tuple[str, ...] = ()
    username: str = ""
    password: str = TOKEN
    registry: str = ""
    token: str = TOKEN
    server: str = "https://github.com"


CASES = (
    Case("the token goes home", {GHCR: JOB}),
    Case("and nowhere else", {HUB: NOBODY, GHES: NOBODY, LOCAL: NOBODY, "quay.io": NOBODY}),
    Case("several hosts", {HUB: NOBODY, GHCR: JOB, LOCAL: NOBODY}),
    Case("capitals are the same host", {"GHCR.IO": JOB}),
    Case("a port is another host", {"ghcr.io:8443": NOBODY}),
    Case("a name around it is another host", {"ghcr.io.evil.com": NOBODY, "evil-ghcr.io": NOBODY, "x.ghcr.io": NOBODY}),
    Case("Enterprise Server", {GHES: JOB, GHCR: NOBODY, HUB: NOBODY}, server="https://ghe.example"),
    Case("data residency", {"containers.acme.ghe.com": JOB, GHCR: NOBODY}, server="https://acme.ghe.com"),
    Case("outside of a job", {GHCR: NOBODY, HUB: NOBODY}, password="", token=""),
    Case("the environment's token without the action", {GHCR: JOB, HUB: NOBODY}, password=""),
    Case("another token without a user", {GHCR: ("octocat", SECRET), HUB: NOBODY}, password=SECRET),
    Case("a user for the token at home", {GHCR: ("me", TOKEN)}, username="me"),
    Case("a user for the token elsewhere", UsageError, hosts=(HUB,), username="me"),
    Case("a user for the token elsewhere, by name", UsageError, hosts=(HUB,), username="me", registry=HUB),
    Case("a user and password for the only host", {HUB: ("me", SECRET)}, username="me", password=SECRET),
    Case("a user and password for one of two", UsageError, hosts=(HUB, GHCR), username="me", password=SECRET),
    Case(
        "a user and password for one of two, by name",
        {HUB: ("me", SECRET), GHCR: JOB, LOCAL: NOBODY},
        username="me",
        password=SECRET,
        registry=HUB,
    ),
    Case("in another spelling", {HUB: ("me", SECRET)}, username="me", password=SECRET, registry="Index.Docker.io"),
    Case("for a host that is not there", {GHCR: JOB, HUB: NOBODY}, username="me", password=SECRET, registry="quay.io"),
    Case("for a host of one word", {HUB: NOBODY, GHCR: JOB}, username="me", password=SECRET, registry="registry"),
    Case("a password for another host without a user", UsageError, hosts=(GHCR,), password=SECRET, registry=HUB),
    Case("only the host is named", {HUB: NOBODY, GHCR: JOB}, registry=HUB),
    Case("the home host is named", {HUB: NOBODY, GHCR: JOB}, registry=GHCR),
    Case("no host", UsageError, hosts=(GHCR,), registry="https://ghcr.io"),
)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, tuple[Settings, Credentials | None]]:
    """What was connected to: host → how, and as whom. No file of this machine plays a part."""
    made: dict[str, tuple[Settings, Credentials | None]] = {}

    @contextmanager
    def connect(host: str, *, settings: Settings, credentials: Credentials | None, push_to: object) -> Iterator[str]:
        assert push_to == ()
        made[host] = (settings, credentials)
        yield host

    monkeypatch.setattr(connection, "connect", connect)
    for name in ("DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("REGISTRY_AUTH_FILE", "DOCKER_AUTH_CONFIG", "GITHUB_ACTIONS", connection.PASSWORD_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return made


def open_all(case: Case, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    variables = {"GITHUB_SERVER_URL": case.server, "GITHUB_ACTOR": "octocat", "GITHUB_TOKEN": case.token}
    for name, value in (variables | {connection.PASSWORD_VARIABLE: case.password}).items():
        monkeypatch.setenv(name, value)
    given = {"username": case.username, "registry": case.registry, "password_stdin": False, "ca_file": None}
    with Registries.from_options({"plain_http": False} | given | options, Terminal()) as registries:
        for host in case.sent if isinstance(case.sent, dict) else case.hosts:
            registries.connect(Repository(host, "acme/app"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_secret_goes_to_the_host_it_is_for(
    case: Case, connected: dict[str, tuple[Settings, Credentials | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(case.sent, dict):
        with pytest.raises(case.sent) as caught:
            open_all(case, monkeypatch)
        assert SECRET not in f"{caught.value.message}{caught.value.hint}"
        return
    open_all(case, monkeypatch)
    found = {host: account and (account.username, account.password) for host, (_, account) in connected.items()}
    assert found == case.sent


@pytest.mark.parametrize(
    ("host", "server", "is_plain"),
    [
        (GHCR, "https://github.com", False),
        ("GHCR.IO", "https://github.com", False),
        (GHES, "https://ghe.example", False),
        # such a server has sent the token unencrypted before
        (GHES, "http://ghe.example", True),
        ("registry.example.com", "https://github.com", True),
    ],
)
def test_plain_http_does_not_carry_the_token_of_the_job(
    host: str,
    server: str,
    connected: dict[str, tuple[Settings, Credentials | None]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_plain: bool,
) -> None:
    open_all(Case("", {host: JOB}, server=server), monkeypatch, plain_http=True)

    assert connected[host][0].plain_http is is_plain


def test_every_secret_is_hidden_before_it_is_used(
    connected: dict[str, tuple[Settings, Credentials | None]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = Case("", {HUB: ("me", SECRET), GHCR: JOB}, username="me", password=SECRET, registry=HUB)
    open_all(case, monkeypatch)
    assert capsys.readouterr() == ("", "")

    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    open_all(case, monkeypatch)
    connected[HUB][0].on_token("bearer")
    secrets = [SECRET, _basic("me", SECRET), TOKEN, _basic(*JOB), "bearer"]
    assert capsys.readouterr().err.splitlines() == [f"::add-mask::{secret}" for secret in secrets]


def _basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


@pytest.mark.parametrize("host", ["registry", "localhost", "ghcr.io"])
def test_a_password_is_for_the_host_as_it_was_given(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv(connection.PASSWORD_VARIABLE, "secret")
    account = connection._account("me", host, from_stdin=False)
    # one word alone is a host here, and would be a name at Docker Hub in a reference
    assert account is not None
    assert account.host == host
