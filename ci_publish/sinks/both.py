"""The documents of an archive that is an OCI layout and a Docker archive at once."""

from __future__ import annotations

from collections.abc import Sequence

from ci_publish.oci import Image
from ci_publish.oci.image import is_plain_layer
from ci_publish.sinks import docker_archive, oci_layout


def documents(image: Image, names: Sequence[str]) -> dict[str, bytes]:
    """Name → bytes of the documents; those of an OCI layout alone where Docker's would not do.

    Args:
        image: what the archive holds.
        names: full references.
    """
    layout = oci_layout.documents(image, names)
    if not docker_archive.is_runnable(image) or _would_pass_for_made_up(image):
        return layout
    return layout | docker_archive.documents(image, names)


def _would_pass_for_made_up(image: Image) -> bool:
    # Readers, ours among them, take a manifest over plain layers beside a manifest.json for one that `docker save`
    # made up, and write their own: the image would lose its digest.
    return not image.composed and all(is_plain_layer(layer) for layer in image.layers)
