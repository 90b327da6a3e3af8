"""`ci-publish demo`."""

from __future__ import annotations

import os
import shlex
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ci_publish.actions.sizes import format_size
from ci_publish.cli.options import option, output_options
from ci_publish.cli.progress import progress_for
from ci_publish.cli.push_report import repository_document
from ci_publish.cli.terminal import Terminal
from ci_publish.demo import DemoResult, run_demo
from ci_publish.errors import UsageError
from ci_publish.event import RefEvent, Surroundings
from ci_publish.event.checkout import checkout_event
from ci_publish.registry import Settings

_PORT = 5757


@click.command()
@option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".demo",
    show_default=True,
    help="Where everything is kept; the second run finds the layers there.",
)
@option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="Of the embedded registry.")
@output_options
def command(folder: Path, port: int, **options: Any) -> None:
    """Publish a sample image on this machine: tags, push, record, pins, and a pull by digest that checks each byte."""
    terminal = Terminal.from_options(options)
    event = _event(terminal)
    settings = Settings(clock=time.monotonic, proxies_from_environment=False)
    result = run_demo(folder, event, port=port, settings=settings, progress=progress_for(terminal), say=terminal.note)
    terminal.note(f"done: {_outcome(result)}\n\nto pull it yourself, first start the registry again:\n")
    terminal.note(f"  {_serve_command(folder, result)}\n")
    terminal.result(_table(result), _document(result))


def _event(terminal: Terminal) -> RefEvent:
    now = datetime.now(UTC)
    try:
        return checkout_event(Surroundings(os.environ, Path.cwd(), now), prefers_tag=True)
    except UsageError as error:
        terminal.note(f"{error.message}: going on as if a branch named demo were pushed")
        return RefEvent(kind="push", ref="refs/heads/demo", sha="", now=now)


def _outcome(result: DemoResult) -> str:
    blobs = ", ".join(f"{count} {what}" for what, count in result.push.figures.blobs.items() if count)
    return f"layers and config: {blobs}; {format_size(result.compared)} came back equal"


def _serve_command(folder: Path, result: DemoResult) -> str:
    # however this program was started: from a checkout it is not on PATH
    program = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv[1:])]
    port = result.push.publication.repository.registry.rpartition(":")[2]
    return shlex.join([*program, "serve", "--storage", str(folder / "registry"), "--port", port])


def _table(result: DemoResult) -> str:
    from rich.console import Console
    from rich.table import Table

    publication = result.push.publication
    table = Table(box=None, pad_edge=False)
    for heading in ("TAG", "DIGEST", "SIZE", "PULL"):
        table.add_column(heading, no_wrap=True)
    digest, size = f"sha256:{publication.digest.short}…", format_size(publication.size)
    for tag in publication.tags:
        table.add_row(tag.name, digest, size, f"docker pull {publication.repository}:{tag.name}")
    # wide enough that no command is cut: it is there to be copied
    console = Console(width=400, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _document(result: DemoResult) -> dict[str, Any]:
    return {
        **repository_document(result.push),
        "record": str(result.record),
        "pinned": [str(path) for path in result.pinned],
        "pulled": str(result.pulled),
        "compared": result.compared,
    }
