"""The two kinds of manifest, read from bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from ci_publish.errors import MalformedError
from ci_publish.oci.descriptor import Descriptor
from ci_publish.oci.document import JsonObject, field, parse_object, string_map
from ci_publish.oci.media_types import INDEX_TYPES, MANIFEST_TYPES, OCI_INDEX, OCI_MANIFEST


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """A manifest of one image or artifact.

    Args:
        media_type: its own.
        artifact_type: what it holds; the config's media type where it says nothing (image-spec manifest.md).
        config: its config.
        layers: bottom layer first.
        annotations: its own.
        subject: the manifest it refers to.
    """

    media_type: str
    artifact_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = dataclass_field(hash=False)
    subject: Descriptor | None


@dataclass(frozen=True, slots=True)
class Index:
    """A manifest of manifests, usually one per platform; arguments as of `ImageManifest`."""

    media_type: str
    artifact_type: str
    manifests: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = dataclass_field(hash=False)
    subject: Descriptor | None


def parse_manifest(data: bytes, what: str, *, media_type: str = "") -> ImageManifest | Index:
    """The manifest or index in these bytes.

    Args:
        data: the bytes, at most 4 MiB.
        what: its name in messages.
        media_type: what the descriptor or the registry called it; empty when unknown.

    Raises:
        MalformedError: the bytes are neither, are both, or contradict `media_type`.
    """
    document = parse_object(data, what)
    kind = _media_type(document, what, media_type)
    subject: JsonObject = field(document, "subject", dict, what, required=False)
    artifact_type: str = field(document, "artifactType", str, what, required=False)
    annotations = string_map(document, "annotations", what)
    subject_descriptor = Descriptor.from_json(subject, f"subject of {what}") if subject else None
    if kind in INDEX_TYPES:
        return Index(kind, artifact_type, _descriptors(document, "manifests", what), annotations, subject_descriptor)
    config = Descriptor.from_json(field(document, "config", dict, what), f"config of {what}")
    return ImageManifest(
        media_type=kind,
        artifact_type=artifact_type or config.media_type,
        config=config,
        layers=_descriptors(document, "layers", what),
        annotations=annotations,
        subject=subject_descriptor,
    )


def _media_type(document: JsonObject, what: str, expected: str) -> str:
    # One body that reads as an index to some and as an image to others is an attack (CVE-2021-41190).
    if "manifests" in document and ("layers" in document or "config" in document):
        raise MalformedError(f"{what} is an image and an index at once")
    own: str = field(document, "mediaType", str, what, required=False)
    if own and expected and own != expected:
        raise MalformedError(f"{what} calls itself {own[:100]!r} where {expected[:100]!r} was announced")
    kind = own or expected or (OCI_INDEX if "manifests" in document else OCI_MANIFEST)
    if kind not in INDEX_TYPES | MANIFEST_TYPES:
        raise MalformedError(f"{what} has the media type {kind[:100]!r}, which is neither an image nor an index")
    if (kind in INDEX_TYPES) != ("manifests" in document):
        raise MalformedError(f"{what} does not have the fields of its media type {kind}")
    return kind


def _descriptors(document: JsonObject, name: str, what: str) -> tuple[Descriptor, ...]:
    items: list[Any] = field(document, name, list, what, required=name == "manifests")
    for item in items:
        if not isinstance(item, dict):
            raise MalformedError(f"{name!r} in {what} holds something other than objects")
    return tuple(Descriptor.from_json(item, f"{name}[{i}] of {what}") for i, item in enumerate(items))
