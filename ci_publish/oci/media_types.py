"""The media types of images: names, families and what they say of the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Compression = Literal["none", "gzip", "zstd"]

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

INDEX_TYPES = frozenset({OCI_INDEX, DOCKER_INDEX})
MANIFEST_TYPES = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
CONFIG_TYPES = frozenset({OCI_CONFIG, DOCKER_CONFIG})

# Types whose bytes may not be passed on; the registry gets their descriptor only (image-spec layer.md,
# "Non-Distributable Layers").
_FOREIGN_PREFIXES = (
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
)


@dataclass(frozen=True, slots=True)
class Family:
    """One vendor's names for the parts of an image."""

    name: str
    index: str
    manifest: str
    config: str
    layers: dict[Compression, str]


OCI = Family(
    "oci",
    OCI_INDEX,
    OCI_MANIFEST,
    OCI_CONFIG,
    {"none": OCI_LAYER, "gzip": f"{OCI_LAYER}+gzip", "zstd": f"{OCI_LAYER}+zstd"},
)
# Docker has no name for a layer in zstd: such a layer makes the image an OCI one.
DOCKER = Family(
    "docker", DOCKER_INDEX, DOCKER_MANIFEST, DOCKER_CONFIG, {"none": DOCKER_LAYER, "gzip": f"{DOCKER_LAYER}.gzip"}
)
FAMILIES: dict[str, Family] = {"oci": OCI, "docker": DOCKER}


def is_foreign(media_type: str) -> bool:
    """Whether bytes of this type are to be fetched from their `urls` rather than from the registry."""
    return media_type.startswith(_FOREIGN_PREFIXES)


def layer_compression(media_type: str) -> Compression | None:
    """How a layer of this type is compressed, or `None` when the type is not one of a file system layer."""
    for family in (OCI, DOCKER):
        for compression, name in family.layers.items():
            if media_type == name:
                return compression
    if not is_foreign(media_type):
        return None
    if media_type.endswith(("+gzip", ".gzip")):
        return "gzip"
    return "zstd" if media_type.endswith("+zstd") else "none"
