"""The registries of one command: how to reach them, and as whom."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from ci_publish.cli.options import Command, Text, option
from ci_publish.cli.terminal import Terminal, hide
from ci_publish.cli.version import version_text
from ci_publish.errors import UsageError
from ci_publish.oci import Repository
from ci_publish.oci.reference import registry_host
from ci_publish.registry import Credentials, Registry, Settings, connect
from ci_publish.registry.credentials import find_credentials
from ci_publish.registry.credentials.github_token import github_registry

_MAX_PASSWORD = 64 * 1024
# Read from the environment only: a password in argv is seen by every process of the machine.
PASSWORD_VARIABLE = "CI_PUBLISH_PASSWORD"  # noqa: S105 - the variable's name


def connection_options(command: Command) -> Command:
    """The options of every command that speaks to registries."""
    for add in (
        transport_options,
        option("--registry", type=Text(), help="The host that --username and the password are for."),
        password_option,
        option("--username", type=Text(), help="User at the registry."),
    ):
        command = add(command)
    return command


def password_option(command: Command) -> Command:
    """`--password-stdin`, for `password_from_stdin`."""
    text = f"Read the password from stdin; {PASSWORD_VARIABLE} works too."
    return option("--password-stdin", is_flag=True, help=text)(command)


def transport_options(command: Command) -> Command:
    """The options about how to reach a registry; `settings_from_options` takes them out again."""
    for add in (
        option("--ca-file", type=click.Path(path_type=Path), help="PEM file of certificate authorities to trust too."),
        option("--plain-http", is_flag=True, help="Speak http to registries other than this machine's."),
    ):
        command = add(command)
    return command


def settings_from_options(options: dict[str, Any], terminal: Terminal) -> Settings:
    """How to speak to registries; the options of `transport_options` are taken out of `options`."""
    return Settings(
        clock=time.monotonic,
        plain_http=options.pop("plain_http"),
        ca_file=options.pop("ca_file"),
        user_agent=f"ci-publish/{version_text()}",
        on_warning=lambda text: terminal.warn(f"the registry says: {text}"),
        on_token=lambda token: hide([token]),
    )


def password_from_stdin() -> str:
    """All of stdin without the line break at its end.

    Raises:
        UsageError: it is empty, or not text.
    """
    try:
        password = sys.stdin.read(_MAX_PASSWORD).rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError("--password-stdin was given, and stdin is not UTF-8 text") from None
    if not password:
        raise UsageError(
            "--password-stdin was given, and stdin is empty", hint="pipe the password in: … | ci-publish …"
        )
    return password


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials that the user gave for this command.

    Args:
        credentials: user and password; without a user it is a token for GitHub's registries only.
        host: the registry they are for; empty for the one that the command speaks to.
    """

    credentials: Credentials
    host: str


class Registries:
    """Connections to registries, one for each host, closed together."""

    def __init__(
        self, settings: Settings, account: Account | None, environ: Mapping[str, str], terminal: Terminal
    ) -> None:
        self._settings = settings
        self._account = account
        self._environ = environ
        self._terminal = terminal
        self._server = environ.get("GITHUB_SERVER_URL", "")
        self._home = github_registry(self._server)
        self._open: dict[str, Registry] = {}
        self._stack = ExitStack()

    @classmethod
    def from_options(cls, options: dict[str, Any], terminal: Terminal) -> Self:
        """The registries as `connection_options` asked for; they are taken out of `options`.

        Raises:
            UsageError: a user without a password, or a password without a user where one is needed.
        """
        account = _account(options.pop("username"), options.pop("registry"), from_stdin=options.pop("password_stdin"))
        return cls(settings_from_options(options, terminal), account, os.environ, terminal)

    def connect(self, repository: Repository, *, push_to: Iterable[Repository] = ()) -> Registry:
        """The registry of a repository; the same one for the same host.

        Args:
            repository: whose registry.
            push_to: repositories of that registry which will be written to.
        """
        if repository.registry not in self._open:
            credentials = self._credentials(repository)
            settings = self._settings_for(repository.registry.lower())
            registry = connect(repository.registry, settings=settings, credentials=credentials, push_to=push_to)
            self._open[repository.registry] = self._stack.enter_context(registry)
        return self._open[repository.registry]

    def _settings_for(self, host: str) -> Settings:
        # --plain-http is meant for another registry of the same command: the job's token needs encryption
        is_encrypted = host == self._home and not self._server.startswith("http://")
        return replace(self._settings, plain_http=False) if is_encrypted else self._settings

    def _credentials(self, repository: Repository) -> Credentials | None:
        environ, explicit = self._environ, None
        if self._account and not self._account.credentials.username:
            environ = self._with_token(self._account)
        elif self._account and self._is_for(self._account, repository.registry.lower()):
            explicit = self._account.credentials
            self._refuse_to_leak(explicit, repository.registry.lower())
        found = find_credentials(repository, environ=environ, home=Path.home(), explicit=explicit)
        self._terminal.detail(f"{repository.registry}: {found.origin}")
        if found.credentials:
            hide(found.credentials.secrets())
        return found.credentials

    def _with_token(self, account: Account) -> Mapping[str, str]:
        """The environment, with a password that has no user as the token it must be."""
        if account.host in ("", self._home):
            return {**self._environ, "GITHUB_TOKEN": account.credentials.password}
        # the action's password is the job's token unless another one is given
        if account.credentials.password != self._environ.get("GITHUB_TOKEN"):
            raise UsageError(
                f"there is a password for {account.host}, but no user", hint="give the user too: --username NAME"
            )
        return self._environ

    def _refuse_to_leak(self, explicit: Credentials, host: str) -> None:
        if explicit.password == self._environ.get("GITHUB_TOKEN") and host != self._home:
            raise UsageError(
                f"the password for {explicit.username} at {host} is the job's GITHUB_TOKEN, which {host} must not see",
                hint="give the password of that user:\npassword: ${{ secrets.REGISTRY_PASSWORD }}",
            )

    def _is_for(self, account: Account, host: str) -> bool:
        if not account.host and self._open:
            raise UsageError(
                f"the password may be for {next(iter(self._open))} or for {host}", hint="say which: --registry HOST"
            )
        return account.host in ("", host)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()


def _account(username: str | None, host: str | None, *, from_stdin: bool) -> Account | None:
    password = password_from_stdin() if from_stdin else os.environ.get(PASSWORD_VARIABLE, "")
    if username and not password:
        raise UsageError(
            "--username was given without a password",
            hint=f"set {PASSWORD_VARIABLE}, or pipe the password in with --password-stdin",
        )
    if not password:
        return None
    return Account(Credentials(username or "", password), registry_host(host.lower()) if host else "")
