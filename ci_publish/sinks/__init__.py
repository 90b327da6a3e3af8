"""An image → one archive on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from ci_publish.oci import Image
from ci_publish.sinks import both, docker_archive, oci_layout
from ci_publish.sinks.tar_writer import write_tar

__all__ = ["SINKS", "SinkKind", "write_archive"]

SinkKind = Literal["both", "oci", "docker"]

# Every kind of archive: its name → the documents that make one of an image's blobs.
SINKS: dict[SinkKind, Callable[[Image, Sequence[str]], dict[str, bytes]]] = {
    "both": both.documents,
    "oci": oci_layout.documents,
    "docker": docker_archive.documents,
}


def write_archive(
    image: Image,
    path: Path,
    *,
    kind: SinkKind = "both",
    names: Sequence[str] = (),
    on_bytes: Callable[[int], None] | None = None,
) -> None:
    """Write the image to a tar archive: the same image gives the same bytes.

    Every blob is checked while it is written. The file appears when it is complete; until then, and after a
    failure, whatever was at its path stays.

    Args:
        image: what to write; manifests and blobs are kept as they are.
        path: the archive; overwritten.
        kind: `oci` for an OCI layout, `docker` for what older versions of Docker read, `both` for one file that all
            tools read. An index has no place in Docker's form, so `both` is an OCI layout for it.
        names: full references, under which tools will find the image in the archive.
        on_bytes: called with the number of bytes of each block that was written.

    Raises:
        SourceError: a blob cannot be read, or has not the size or digest that its descriptor says.
        UsageError: the image has no place in this kind of archive, or the file cannot be written.
    """
    write_tar(path, SINKS[kind](image, names), image, on_bytes=on_bytes or (lambda _: None))
