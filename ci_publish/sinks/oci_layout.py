"""The documents of an OCI layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ci_publish.errors import UsageError
from ci_publish.oci import Descriptor, Image, Reference
from ci_publish.oci.document import canonical
from ci_publish.oci.media_types import OCI_INDEX


def documents(image: Image, names: Sequence[str]) -> dict[str, bytes]:
    """Name → bytes of the documents that make a layout of the image's blobs.

    Args:
        image: what the layout holds.
        names: an entry each; without any, one entry without a name.
    """
    index = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [entry.to_json() for entry in _entries(image.descriptor, names)],
    }
    return {"oci-layout": canonical({"imageLayoutVersion": "1.0.0"}), "index.json": canonical(index)}


def _entries(descriptor: Descriptor, names: Sequence[str]) -> Iterator[Descriptor]:
    for name in dict.fromkeys(names):
        yield replace(descriptor, annotations={**descriptor.annotations, **_annotations(name)})
    if not names:
        yield descriptor


def _annotations(name: str) -> dict[str, str]:
    # skopeo and umoci look for the tag under the specification's key, containerd for the reference under its own.
    try:
        tag = Reference.parse(name).tag
    except UsageError:
        tag = None
    return {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag or name}
