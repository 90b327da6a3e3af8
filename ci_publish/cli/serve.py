"""`ci-publish serve`: the embedded registry."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ci_publish.cli.options import option, output_options
from ci_publish.cli.terminal import Terminal, print_json


@click.command()
@option(
    "--storage",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps everything pushed. [default: a temporary one, removed at the end]",
)
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5000,
    show_default=True,
    help="Port to listen on; 0 for any that is free.",
)
@output_options
def command(storage: Path | None, host: str, port: int, **options: Any) -> None:
    """Run the embedded registry until it is interrupted.

    It follows the OCI distribution spec, and has neither authentication nor TLS: it is for tests, for trying
    things out and for jobs that hand images on to the next step.
    """
    from ci_publish.server import EmbeddedRegistry

    terminal = Terminal.from_options(options)
    with contextlib.suppress(KeyboardInterrupt), _terminable(), _folder(storage) as folder:
        registry = EmbeddedRegistry(storage=folder, host=host, port=port)
        with registry:
            if not _is_loopback(host):
                terminal.warn(f"{host} can be reached by others, and there is no authentication")
            _announce(terminal, registry.address, folder, temporary=storage is None)
            registry.serve_forever()


def _announce(terminal: Terminal, address: str, folder: Path, *, temporary: bool) -> None:
    removed = " until it ends" if temporary else ""
    terminal.note(f"serving http://{address}, storage in {folder}{removed}")
    if terminal.output_format == "json":
        # one line, so that a script can read it while the registry runs
        print_json({"address": address, "url": f"http://{address}", "storage": str(folder)})


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM and SIGINT end the block as Ctrl-C does, also where a shell started us with SIGINT ignored."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, signal.default_int_handler) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


@contextlib.contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="ci-publish-registry-") as folder:
        yield Path(folder)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
