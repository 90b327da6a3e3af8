"""`ci-publish demo`."""

from __future__ import annotations

import os
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
from ci_publish.event import RefEvent, Surroundings
from ci_publish.event.checkout import checkout_event, has_checkout
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
    terminal.note("")
    terminal.result(_table(result), _document(result))


def _event(terminal: Terminal) -> RefEvent:
    now = datetime.now(UTC)
    if has_checkout(Path.cwd()):
        return checkout_event(Surroundings(os.environ, Path.cwd(), now))
    terminal.note("this is no git checkout: going on as if a branch named demo were pushed")
    return RefEvent(kind="push", ref="refs/heads/demo", sha="0" * 40, now=now)


def _table(result: DemoResult) -> str:
    from rich.console import Console
    from rich.table import Table

    publication = result.push.publication
    table = Table(box=None, pad_edge=False)
    for heading in ("TAG", "DIGEST", "SIZE", "PULL"):
        table.add_column(heading, no_wrap=True)
    for tag in publication.tags:
        reference = f"{publication.repository}:{tag.name}@{publication.digest}"
        table.add_row(
            tag.name, f"sha256:{publication.digest.short}…", format_size(publication.size), f"docker pull {reference}"
        )
    blobs = result.push.figures.blobs
    # wide enough that no command is cut: it is there to be copied
    console = Console(width=400, color_system=None)
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    layers = ", ".join(f"{count} {what}" for what, count in blobs.items() if count)
    pinned = ", ".join(map(str, result.pinned))
    return "\n".join(
        [
            *lines,
            "",
            f"blobs: {layers}",
            f"pinned: {pinned}",
            f"compared: {format_size(result.compared)} of plain layers and config, all equal",
        ]
    )


def _document(result: DemoResult) -> dict[str, Any]:
    return {
        **repository_document(result.push),
        "record": str(result.record),
        "pinned": [str(path) for path in result.pinned],
        "pulled": str(result.pulled),
        "compared": result.compared,
    }
