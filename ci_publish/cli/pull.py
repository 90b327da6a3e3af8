"""`ci-publish pull`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ci_publish.actions.sizes import format_size
from ci_publish.cli.connection import Registries, connection_options
from ci_publish.cli.options import option, output_options
from ci_publish.cli.terminal import Terminal
from ci_publish.oci import Platform, Reference
from ci_publish.registry import fetch_image
from ci_publish.sinks import SINKS, write_archive


@click.command()
@click.argument("reference", metavar="REF")
@option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The archive to write.")
@option(
    "--archive",
    type=click.Choice(list(SINKS)),
    default="both",
    show_default=True,
    help="oci: an OCI layout. docker: what docker load of any age reads. both: one file that is both.",
)
@option("--platform", metavar="OS/ARCH", help="Of a multi-platform image, only this one.")
@connection_options
@output_options
def command(reference: str, output: Path, archive: str, platform: str | None, **options: Any) -> None:
    """Write the image that REF names to an archive: its manifests and blobs as they are, each one checked."""
    terminal = Terminal.from_options(options)
    ref = Reference.parse(reference)
    with Registries.from_options(options, terminal) as registries:
        wanted = Platform.parse(platform) if platform else None
        image = fetch_image(registries.connect(ref.repository), ref, platform=wanted)
        terminal.note(f"pulling {ref}: {format_size(image.size())}")
        write_archive(image, output, kind=archive, names=_names(ref))  # type: ignore[arg-type]  # click checked it
    pinned = str(Reference(ref.repository, digest=image.descriptor.digest))
    document = {"digest": str(image.descriptor.digest), "reference": pinned, "file": str(output), "size": image.size()}
    terminal.result(pinned, document)


def _names(reference: Reference) -> tuple[str, ...]:
    # an archive names its images by tag; one pulled by digest has no name
    return (str(Reference(reference.repository, reference.tag)),) if reference.tag else ()
