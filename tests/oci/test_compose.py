from __future__ import annotations

import pytest

from ci_publish.oci import Blob, Digest, Index, Platform, parse_manifest
from ci_publish.oci.compose import compose_image, compose_index, recompose
from ci_publish.oci.media_types import DOCKER, FAMILIES, OCI, Compression, Family, layer_compression
from tests.support.archive_parts import LAYERS, compressed, config
from tests.support.validate import validate

families = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
CONFIG = Blob.of(config(LAYERS[:2]), OCI.config)
PLATFORM = Platform("linux", "amd64")


def layers(*compressions: Compression, family: Family = OCI) -> list[Blob]:
    return [
        Blob(blob.descriptor, blob.open, Digest.of(plain))
        for plain, compression in zip(LAYERS, compressions, strict=False)
        for blob in [Blob.of(compressed(plain, compression), family.layers.get(compression, OCI.layers[compression]))]
    ]


@families
def test_a_composed_image_is_valid_and_all_of_one_family(family: Family) -> None:
    image = compose_image(CONFIG, layers("none", "gzip"), platform=PLATFORM, family=family)
    validate(image)
    assert image.composed
    assert image.descriptor.media_type == family.manifest
    assert image.config.descriptor.media_type == family.config
    assert [each.descriptor.media_type for each in image.layers] == [family.layers["none"], family.layers["gzip"]]


def test_same_input_gives_same_bytes() -> None:
    first, second = (compose_image(CONFIG, layers("gzip", "gzip"), platform=PLATFORM) for _ in range(2))
    assert first.manifest == second.manifest


def test_what_docker_has_no_name_for_makes_an_oci_image() -> None:
    with_zstd = compose_image(CONFIG, layers("gzip", "zstd"), platform=PLATFORM, family=DOCKER)
    annotated = compose_image(CONFIG, layers("gzip", "gzip"), platform=PLATFORM, family=DOCKER, annotations={"a": "b"})
    for image in (with_zstd, annotated):
        assert image.descriptor.media_type == OCI.manifest
        validate(image)


def test_a_foreign_layer_keeps_its_type() -> None:
    foreign = Blob.of(b"x", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    image = compose_image(CONFIG, [foreign], platform=None)
    assert image.layers[0].descriptor == foreign.descriptor


@families
def test_a_composed_index_is_valid_and_lists_platforms(family: Family) -> None:
    children = [
        compose_image(CONFIG, layers("gzip", "gzip"), platform=PLATFORM, family=family),
        compose_image(
            Blob.of(config(LAYERS[:1], platform="linux/s390x"), OCI.config),
            layers("gzip"),
            platform=Platform("linux", "s390x"),
            family=family,
        ),
    ]
    image = compose_index(children, family=family)
    validate(image)
    index = parse_manifest(image.manifest, "it")
    assert isinstance(index, Index)
    assert index.media_type == family.index
    assert [str(each.platform) for each in index.manifests] == ["linux/amd64", "linux/s390x"]


def test_recomposing_puts_layers_in_the_place_of_others() -> None:
    plain, packed = layers("none", "none"), layers("gzip", "gzip")
    image = compose_image(CONFIG, plain, platform=PLATFORM)
    exchange = {a.descriptor.digest: b.descriptor for a, b in zip(plain, packed, strict=True)}
    changed = recompose(image, exchange, family=OCI)
    assert changed.descriptor == compose_image(CONFIG, packed, platform=PLATFORM).descriptor
    index = compose_index([image])
    assert recompose(index, exchange, family=OCI).descriptor == compose_index([changed]).descriptor
    assert recompose(index, {}, family=OCI).descriptor == index.descriptor


@pytest.mark.parametrize(
    ("media_type", "compression"),
    [
        ("application/vnd.oci.image.layer.v1.tar", "none"),
        ("application/vnd.oci.image.layer.v1.tar+gzip", "gzip"),
        ("application/vnd.oci.image.layer.v1.tar+zstd", "zstd"),
        ("application/vnd.docker.image.rootfs.diff.tar", "none"),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip"),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "gzip"),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", "zstd"),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", None),
        ("application/vnd.in-toto+json", None),
    ],
)
def test_media_types_tell_the_compression(media_type: str, compression: str | None) -> None:
    assert layer_compression(media_type) == compression
