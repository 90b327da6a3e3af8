"""The document of a Docker archive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ci_publish.errors import UsageError
from ci_publish.oci import Digest, Image, Reference
from ci_publish.oci.media_types import CONFIG_TYPES, layer_compression


def documents(image: Image, names: Sequence[str]) -> dict[str, bytes]:
    """Name → bytes of the document that makes a Docker archive of the image's blobs.

    Args:
        image: what the archive holds.
        names: full references; those without a tag have no place in such an archive.

    Raises:
        UsageError: this is an index, or an artifact that is no image.
    """
    if image.is_index:
        platforms = ", ".join(dict.fromkeys(str(each.platform) for each in image.platforms()))
        raise UsageError(
            f"a Docker archive holds one platform, and this image has {platforms}",
            hint=f"choose one with --platform {image.platforms()[0].platform}, or write an OCI layout",
        )
    if not is_runnable(image):
        raise UsageError("a Docker archive holds images, and this is another artifact", hint="write an OCI layout")
    entry: dict[str, Any] = {
        "Config": blob_path(image.config.descriptor.digest),
        "RepoTags": [name for name in dict.fromkeys(names) if Reference.parse(name).tag] or None,
        "Layers": [blob_path(layer.descriptor.digest) for layer in image.layers],
    }
    foreign = {str(layer.diff_id): layer.descriptor.to_json() for layer in image.layers if layer.descriptor.is_foreign}
    if foreign:
        entry["LayerSources"] = foreign
    return {"manifest.json": json.dumps([entry], separators=(",", ":"), ensure_ascii=False).encode()}


def is_runnable(image: Image) -> bool:
    """Whether this is an image with file system layers, rather than an index or an artifact."""
    if image.is_index or image.config.descriptor.media_type not in CONFIG_TYPES:
        return False
    return all(layer_compression(layer.descriptor.media_type) for layer in image.layers)


def blob_path(digest: Digest) -> str:
    """Where archives of every kind here have the blob of this digest."""
    return f"blobs/{digest.algorithm}/{digest.hex}"
