"""The image layout of OCI, in a tar archive or a directory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ci_publish.errors import MalformedError, SourceError
from ci_publish.oci import Descriptor, Digest, Index, parse_manifest
from ci_publish.oci.compose import compose_index
from ci_publish.oci.document import field, parse_object
from ci_publish.oci.media_types import DOCKER, OCI
from ci_publish.sources.files import Files, read_document
from ci_publish.sources.named_image import NamedImage, each_once
from ci_publish.sources.oci_images import ImageReader, is_manifest

MARKER = "oci-layout"
INDEX = "index.json"
_VERSION = "1.0.0"
# The tag by the image specification, though many tools write the whole reference; the reference by containerd.
_NAME_KEYS = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


def matches(files: Files) -> bool:
    """Whether these files are an OCI layout."""
    return files.find(MARKER) is not None


def entries(files: Files) -> tuple[Descriptor, ...]:
    """The images that `index.json` lists, others than which a layout may have are left out.

    Raises:
        SourceError: there is no `index.json`.
        MalformedError: it is malformed.
    """
    index = parse_manifest(read_document(files, INDEX), INDEX)
    if not isinstance(index, Index):
        raise MalformedError(f"{INDEX} is not an index")
    # image-spec image-layout.md: unknown media types must not be an error
    return tuple(filter(is_manifest, index.manifests))


def read(files: Files, only: Digest | None = None) -> tuple[NamedImage, ...]:
    """The images of a layout, their manifests verbatim.

    Several images that differ in their platform rather than in their name are one image, under an index composed here.

    Args:
        files: the layout.
        only: read the manifest of this digest alone where there is one, at any depth: it may be whole while the
            index above it is not.

    Raises:
        SourceError: a blob is missing, or has another size or digest.
        MalformedError: a document is malformed.
    """
    _check_version(files)
    listed = entries(files)
    if not listed:
        raise SourceError(f"{INDEX} lists no image", hint="an empty layout: export an image into it first")
    reader = ImageReader(files)
    if only and (found := reader.search(listed, only)):
        listed = (found,)
    images = each_once(NamedImage(reader.image(_unnamed(entry)), _names(entry)) for entry in listed)
    return (_joined(images),) if _are_platforms_of_one(images) else images


def _check_version(files: Files) -> None:
    marker = parse_object(read_document(files, MARKER), MARKER)
    version: str = field(marker, "imageLayoutVersion", str, MARKER)
    if version != _VERSION:
        raise SourceError(f"is an OCI layout of version {version[:40]!r}; version {_VERSION} is the only one known")


def _names(entry: Descriptor) -> tuple[str, ...]:
    # The reference tells all that the tag tells.
    return next(((entry.annotations[key],) for key in _NAME_KEYS if entry.annotations.get(key)), ())


def _unnamed(entry: Descriptor) -> Descriptor:
    # Names belong to the layout: an index composed of its images must not have them.
    return replace(entry, annotations={k: v for k, v in entry.annotations.items() if k not in _NAME_KEYS})


def _are_platforms_of_one(images: Sequence[NamedImage]) -> bool:
    """Whether these are one image for several platforms, listed without an index of their own."""
    if len(images) < 2 or len({item.names for item in images}) > 1 or any(item.image.is_index for item in images):
        return False
    runnable = [item.image.platform for item in images if not item.image.is_attestation]
    return None not in runnable and len(set(runnable)) == len(runnable)


def _joined(images: Sequence[NamedImage]) -> NamedImage:
    children = [item.image for item in images]
    family = DOCKER if all(child.descriptor.media_type == DOCKER.manifest for child in children) else OCI
    return NamedImage(compose_index(children, family=family), images[0].names)
