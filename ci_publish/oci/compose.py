"""Manifests that we write ourselves, for sources that bring none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ci_publish.oci.descriptor import Descriptor
from ci_publish.oci.digest import Digest
from ci_publish.oci.document import JsonObject, canonical
from ci_publish.oci.image import Blob, Image
from ci_publish.oci.manifest import parse_manifest
from ci_publish.oci.media_types import DOCKER, OCI, Family, layer_compression
from ci_publish.oci.platform import Platform


def compose_image(
    config: Blob,
    layers: Sequence[Blob],
    *,
    platform: Platform | None,
    family: Family = OCI,
    annotations: Mapping[str, str] | None = None,
) -> Image:
    """An image of a config and layers, under a manifest written here: same input, same bytes.

    Args:
        config: the image config; its media type becomes the family's.
        layers: bottom layer first; their media types become the family's, foreign ones excepted.
        platform: what it runs on, for the index that may hold it.
        family: whose media types to use. Docker has none for zstd: a layer in zstd makes it OCI.
        annotations: of the manifest; Docker's manifests have none, so they make it OCI too.
    """
    family = _fitting(family, layers, annotations)
    config = _retyped(config, family.config)
    layers = [_retyped(layer, _layer_type(layer.descriptor, family)) for layer in layers]
    document: JsonObject = {
        "schemaVersion": 2,
        "mediaType": family.manifest,
        "config": config.descriptor.to_json(),
        "layers": [layer.descriptor.to_json() for layer in layers],
    }
    if annotations:
        document["annotations"] = dict(sorted(annotations.items()))
    manifest = canonical(document)
    descriptor = Descriptor(family.manifest, Digest.of(manifest), len(manifest), platform=platform)
    return Image(descriptor, manifest, blobs=(config, *layers), composed=True)


def compose_index(
    children: Sequence[Image], *, family: Family = OCI, annotations: Mapping[str, str] | None = None
) -> Image:
    """An index of these images, under a manifest written here.

    Args:
        children: in the order the index will have; a client takes the first that fits.
        family: whose media types to use.
        annotations: of the index.
    """
    document: JsonObject = {
        "schemaVersion": 2,
        "mediaType": family.index,
        "manifests": [child.descriptor.to_json() for child in children],
    }
    if annotations:
        document["annotations"] = dict(sorted(annotations.items()))
    manifest = canonical(document)
    return Image(
        Descriptor(family.index, Digest.of(manifest), len(manifest)), manifest, children=tuple(children), composed=True
    )


def recompose(image: Image, layers: Mapping[Digest, Descriptor], *, family: Family) -> Image:
    """The same image with some layers in another form: manifests that we wrote change, all others stay.

    Args:
        image: what a source gave.
        layers: by the digest of a layer as it is in `image`, what takes its place.
        family: whose media types the manifests use.
    """
    if not image.composed:
        return image
    if image.is_index:
        children = [_relisted(recompose(child, layers, family=family), child) for child in image.children]
        return compose_index(children, family=family, annotations=_annotations(image))
    replaced = [
        replace(layer, descriptor=layers.get(layer.descriptor.digest, layer.descriptor)) for layer in image.layers
    ]
    return compose_image(
        image.config, replaced, platform=image.platform, family=family, annotations=_annotations(image)
    )


def _relisted(child: Image, before: Image) -> Image:
    # what the index says of a child beyond its manifest
    listed = replace(child.descriptor, annotations=before.descriptor.annotations, platform=before.descriptor.platform)
    return replace(child, descriptor=listed)


def _annotations(image: Image) -> Mapping[str, str]:
    return parse_manifest(image.manifest, "the composed manifest").annotations


def _fitting(family: Family, layers: Sequence[Blob], annotations: Mapping[str, str] | None) -> Family:
    in_zstd = any(layer_compression(layer.descriptor.media_type) == "zstd" for layer in layers)
    return OCI if family is DOCKER and (in_zstd or annotations) else family


def _layer_type(descriptor: Descriptor, family: Family) -> str:
    compression = layer_compression(descriptor.media_type)
    if compression is None or descriptor.is_foreign:
        return descriptor.media_type
    return family.layers[compression]


def _retyped(blob: Blob, media_type: str) -> Blob:
    return replace(blob, descriptor=replace(blob.descriptor, media_type=media_type))
