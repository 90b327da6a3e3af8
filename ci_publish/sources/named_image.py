"""An image with the names its archive has for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ci_publish.oci import Digest, Image


@dataclass(frozen=True, slots=True)
class NamedImage:
    """An image, and its names as the archive spells them: full references, tags or anything else."""

    image: Image
    names: tuple[str, ...]


def each_once(images: Iterable[NamedImage]) -> tuple[NamedImage, ...]:
    """These images in their order, those of one digest as one with all its names."""
    known: dict[Digest, NamedImage] = {}
    for item in images:
        digest = item.image.descriptor.digest
        before = known.get(digest)
        names = (*before.names, *item.names) if before else item.names
        known[digest] = NamedImage(before.image if before else item.image, tuple(dict.fromkeys(names)))
    return tuple(known.values())
