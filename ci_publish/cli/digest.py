"""`ci-publish digest`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ci_publish.cli.connection import Registries, connection_options
from ci_publish.cli.options import option, output_options
from ci_publish.cli.terminal import Terminal
from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor, Reference
from ci_publish.publish.offline import published_offline
from ci_publish.publish.options import PushOptions
from ci_publish.sources import open_source

_ARCHIVE_SUFFIXES = frozenset({".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2"})


@click.command()
@click.argument("source", metavar="SOURCE|REF")
@option("--select", metavar="REF|DIGEST|@N", help="Which image, when an archive holds several.")
@connection_options
@output_options
def command(source: str, select: str | None, **options: Any) -> None:
    """Print the digest of an archive, as a push to an empty registry will have it, or of an image in a registry."""
    terminal = Terminal.from_options(options)
    if _names_file(source):
        descriptor = _of_archive(source, select)
    else:
        with Registries.from_options(options, terminal) as registries:
            descriptor = _of_reference(Reference.parse(source), registries)
    document = {"digest": str(descriptor.digest), "mediaType": descriptor.media_type, "size": descriptor.size}
    terminal.result(str(descriptor.digest), document)


def _names_file(source: str) -> bool:
    """Whether a file is meant, there or not: `image.tar` could also be a repository of Docker Hub, but is none."""
    return source.startswith(("-", ".", "/")) or os.path.lexists(source) or Path(source).suffix in _ARCHIVE_SUFFIXES


def _of_archive(source: str, select: str | None) -> Descriptor:
    with open_source("-" if source == "-" else Path(source), select=select) as archive:
        return published_offline(archive.image, options=PushOptions()).descriptor


def _of_reference(reference: Reference, registries: Registries) -> Descriptor:
    registry = registries.connect(reference.repository)
    found = registry.head_manifest(reference.repository, reference.digest or reference.tag or "latest")
    if found is None:
        raise RegistryError(f"{reference} does not exist", status=404, hint="a file of that name does not exist either")
    return found
