"""`ci-publish login`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ci_publish.cli.connection import (
    PASSWORD_VARIABLE,
    password_from_stdin,
    password_option,
    settings_from_options,
    transport_options,
)
from ci_publish.cli.options import Text, option, output_options
from ci_publish.cli.terminal import Terminal, hide
from ci_publish.errors import UsageError
from ci_publish.registry import Credentials, connect
from ci_publish.registry.credentials.store import CredentialStore


@click.command()
@click.argument("host")
@option("-u", "--username", type=Text(), help="User at the registry; asked for on a terminal.")
@password_option
@transport_options
@output_options
def command(host: str, username: str | None, *, password_stdin: bool, **options: Any) -> None:
    """Check user and password at the registry HOST, then store them where docker and podman find them."""
    terminal = Terminal.from_options(options)
    credentials = Credentials(_username(username), _password(from_stdin=password_stdin))
    hide(credentials.secrets())
    with connect(host, settings=settings_from_options(options, terminal), credentials=credentials) as registry:
        registry.ping()
        name = registry.host
    kept = CredentialStore.of(os.environ, Path.home()).save(name, credentials)
    if kept.is_plain:
        terminal.warn(
            f"the password is stored unencrypted in {kept.where}; 'credsStore' there names a helper that keeps it safe"
        )
    terminal.note(f"logged in to {name} as {credentials.username}: kept in {kept.where}")
    terminal.result("", {"registry": name, "username": credentials.username, "kept": kept.where})


def _username(given: str | None) -> str:
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError("no user name was given", hint="--username NAME, or CI_PUBLISH_USERNAME in the environment")
    name: str = click.prompt("Username", err=True)
    return name


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return password_from_stdin()
    if os.environ.get(PASSWORD_VARIABLE):
        return os.environ[PASSWORD_VARIABLE]
    if not sys.stdin.isatty():
        raise UsageError(
            "no password was given",
            hint='echo "$TOKEN" | ci-publish login HOST --username NAME --password-stdin',
        )
    typed: str = click.prompt("Password", hide_input=True, err=True)
    return typed
