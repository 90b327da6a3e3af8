"""Which half counts of an archive that is an OCI layout and a Docker archive at once, as of Docker ≥ 25."""

from __future__ import annotations

from ci_publish.oci import Descriptor, ImageManifest, parse_manifest
from ci_publish.oci.media_types import INDEX_TYPES, layer_compression
from ci_publish.sources import docker_archive, oci_layout
from ci_publish.sources.files import Files, read_document


def matches_oci_layout(files: Files) -> bool:
    """Whether these are an OCI layout whose manifests count."""
    if not oci_layout.matches(files):
        return False
    return not docker_archive.matches(files) or any(_was_made_to_be_pulled(files, e) for e in oci_layout.entries(files))


def _was_made_to_be_pulled(files: Files, entry: Descriptor) -> bool:
    """Whether this manifest was built or pulled, rather than made up when the image was saved.

    A containerd image store has the indexes, manifests and compressed layers that a registry has or should have. The
    older store has unpacked layers only and makes up a manifest over them, which nobody has pulled and some versions
    got wrong (moby#47065, moby#47161): there the older half of the archive is the better source.
    """
    if entry.media_type in INDEX_TYPES:
        return True
    # Its digest and size are not checked here: where they are wrong, the older half may yet be right.
    name = f"blobs/{entry.digest.algorithm}/{entry.digest.hex}"
    manifest = parse_manifest(read_document(files, name), f"manifest {entry.digest.short}")
    return isinstance(manifest, ImageManifest) and any(
        layer_compression(layer.media_type) in ("gzip", "zstd") for layer in manifest.layers
    )
