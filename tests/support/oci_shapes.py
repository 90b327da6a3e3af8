"""The files of OCI layouts as their producers write them."""

from __future__ import annotations

from typing import Any

from ci_publish.oci.media_types import DOCKER, OCI
from tests.support.archive_parts import LAYERS, Files, Layout, compressed, config, digest, encoded, named


def one_image(**settings: Any) -> Files:
    """`skopeo copy … oci-archive:`: one image under a tag."""
    layout = Layout()
    return layout.files(named(layout.image(**settings), tag="1"), with_media_type=False)


def umoci() -> Files:
    """umoci: manifests without a media type of their own."""
    layout = Layout()
    return layout.files(named(layout.image(with_media_type=False), tag="latest"), with_media_type=False)


def nested_index() -> Files:
    """`buildx --output type=oci` for two platforms with provenance: one index below index.json."""
    layout = Layout()
    amd, arm = layout.image(LAYERS[:2]), layout.image(LAYERS[1:], platform="linux/arm64/v8")
    index = layout.index([amd, arm, layout.attestation(amd), layout.attestation(arm)])
    return layout.files(named(index, tag="1", reference="example.org/app:1"))


def index_of_indexes() -> Files:
    """An index below an index."""
    layout = Layout()
    inner = layout.index([layout.image(LAYERS[:1], platform="linux/arm/v7")])
    return layout.files(named(layout.index([layout.image(), inner]), tag="1"))


def docker_list() -> Files:
    """A manifest list of Docker's types, as `skopeo copy --all --format v2s2` keeps it."""
    layout = Layout()
    children = [layout.image(family=DOCKER), layout.image(LAYERS[1:], platform="linux/s390x", family=DOCKER)]
    return layout.files(named(layout.index(children, family=DOCKER), tag="1"))


def flat_platforms() -> Files:
    """One entry of index.json per platform, and no index of their own."""
    layout = Layout()
    return layout.files(layout.image(), layout.image(LAYERS[1:], platform="linux/arm64"))


def flat_unsaid_platforms() -> Files:
    """The same where only the configs tell the platforms, under one tag."""
    layout = Layout()
    images = [layout.image(platform=platform) for platform in ("linux/amd64", "linux/arm/v6", "linux/arm/v7")]
    return layout.files(*(named(image, tag="1") for image in images))


def several_names() -> Files:
    """`buildx --output type=oci` with several names: an entry each, all with one digest."""
    layout = Layout()
    image = layout.image()
    return layout.files(*(named(image, tag=tag, reference=f"example.org/app:{tag}") for tag in ("1", "1.2", "latest")))


def full_ref_name() -> Files:
    """jib and rules_oci: the whole reference where the specification has the tag."""
    layout = Layout()
    return layout.files(named(layout.image(), tag="example.org/app:1.2"))


def unnamed() -> Files:
    """`buildx --output type=oci` without a name."""
    layout = Layout()
    return layout.files(layout.image())


def two_names() -> Files:
    """Two different images under two names."""
    layout = Layout()
    return layout.files(named(layout.image(), tag="a"), named(layout.image(LAYERS), tag="b"))


def with_unknown_entry() -> Files:
    """An entry of a media type from the future beside an image."""
    layout = Layout()
    future = layout.add(b"?", "application/vnd.example.future")
    return layout.files(future, named(layout.image(), tag="1"))


def artifact() -> Files:
    """An artifact that is no image."""
    layout = Layout()
    return layout.files(named(layout.artifact(), tag="sbom"))


def foreign_in_layout() -> Files:
    """A layout without the bytes of a nondistributable layer."""
    layout = Layout()
    base = compressed(LAYERS[0], "gzip")
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": layout.add(config(LAYERS[:2], platform="windows/amd64"), OCI.config),
        "layers": [
            {
                "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                "digest": digest(base),
                "size": len(base),
                "urls": ["https://example.org/base"],
            },
            layout.add(compressed(LAYERS[1], "gzip"), OCI.layers["gzip"]),
        ],
    }
    return layout.files(named(layout.add(encoded(manifest), OCI.manifest), tag="1"))
