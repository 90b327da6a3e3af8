"""`ci-publish logout`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ci_publish.cli.options import output_options
from ci_publish.cli.terminal import Terminal
from ci_publish.registry.credentials.store import CredentialStore
from ci_publish.registry.endpoint import Endpoint


@click.command()
@click.argument("host")
@output_options
def command(host: str, **options: Any) -> None:
    """Forget the credentials that are stored for the registry HOST."""
    terminal = Terminal.from_options(options)
    name = Endpoint.of(host).host
    store = CredentialStore.of(os.environ, Path.home())
    was_there = store.remove(name)
    terminal.note(f"logged out of {name}" if was_there else f"{store.path} had nothing for {name}")
    terminal.result("", {"registry": name, "removed": was_there})
