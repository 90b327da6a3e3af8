from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import MalformedError
from ci_publish.oci import ImageManifest, Index, parse_manifest
from ci_publish.oci.document import canonical
from ci_publish.oci.media_types import DOCKER, FAMILIES, OCI, OCI_INDEX, OCI_MANIFEST, Family
from tests.oci.test_descriptor import VALID, descriptors

families = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@given(descriptors, st.lists(descriptors, max_size=3), st.sampled_from(sorted(FAMILIES)))
def test_an_image_has_its_config_and_layers(config: Any, layers: list[Any], family: str) -> None:
    document = {
        "schemaVersion": 2,
        "mediaType": FAMILIES[family].manifest,
        "config": config.to_json(),
        "layers": [layer.to_json() for layer in layers],
    }
    manifest = parse_manifest(canonical(document), "it")
    assert isinstance(manifest, ImageManifest)
    assert (manifest.media_type, manifest.config) == (FAMILIES[family].manifest, config)
    assert manifest.layers == tuple(layers)


@given(st.lists(descriptors, max_size=3))
def test_an_index_has_its_manifests(children: list[Any]) -> None:
    document = {"mediaType": OCI.index, "manifests": [child.to_json() for child in children]}
    index = parse_manifest(canonical(document), "it")
    assert isinstance(index, Index)
    assert index.manifests == tuple(children)


@families
def test_the_kind_is_told_without_a_media_type_in_the_body(family: Family) -> None:
    image = canonical({"config": VALID, "layers": []})
    assert parse_manifest(image, "it").media_type == OCI_MANIFEST
    assert parse_manifest(image, "it", media_type=family.manifest).media_type == family.manifest
    index = canonical({"manifests": []})
    assert parse_manifest(index, "it").media_type == OCI_INDEX
    assert parse_manifest(index, "it", media_type=family.index).media_type == family.index


@pytest.mark.parametrize("layers", [{}, {"layers": None}, {"layers": []}])
def test_an_image_may_have_no_layers(layers: dict[str, Any]) -> None:
    manifest = parse_manifest(canonical({"config": VALID, **layers}), "it")
    assert isinstance(manifest, ImageManifest)
    assert manifest.layers == ()


def test_subject_and_annotations_are_read() -> None:
    document = {"config": VALID, "layers": [], "subject": VALID, "annotations": {"a": "b"}}
    manifest = parse_manifest(canonical(document), "it")
    assert manifest.subject == manifest.config  # type: ignore[union-attr]  # this is an image
    assert manifest.annotations == {"a": "b"}


@pytest.mark.parametrize(
    ("document", "artifact_type"),
    [
        ({"config": VALID}, VALID["mediaType"]),
        ({"config": VALID, "artifactType": "application/x"}, "application/x"),
        ({"manifests": [VALID]}, ""),
        ({"manifests": [], "artifactType": "application/x"}, "application/x"),
    ],
)
def test_an_artifact_is_what_it_says_or_what_its_config_is(document: dict[str, Any], artifact_type: str) -> None:
    assert parse_manifest(canonical(document), "it").artifact_type == artifact_type


@pytest.mark.parametrize(
    ("document", "announced", "message"),
    [
        ({"config": VALID, "layers": [], "manifests": []}, "", "an image and an index at once"),
        ({"layers": [], "manifests": []}, "", "an image and an index at once"),
        ({"mediaType": OCI.index, "config": VALID}, "", "does not have the fields"),
        ({"mediaType": OCI.manifest, "manifests": []}, "", "does not have the fields"),
        ({"mediaType": OCI.manifest, "config": VALID}, DOCKER.manifest, "was announced"),
        ({"config": VALID}, OCI.index, "does not have the fields"),
        ({"mediaType": "text/plain", "config": VALID}, "", "neither an image nor an index"),
        ({"mediaType": 1, "config": VALID}, "", "is not a string"),
        ({}, "", "has no 'config'"),
        ({"config": VALID, "layers": [1]}, "", "other than objects"),
        ({"config": VALID, "layers": {}}, "", "is not a list"),
        ({"config": VALID, "layers": [{}]}, "", r"layers\[0\] of it has no"),
        ({"manifests": None}, "", "has no 'manifests'"),
        ({"config": VALID, "subject": {"size": 1}}, "", "subject of it"),
    ],
)
def test_what_contradicts_itself_is_malformed(document: dict[str, Any], announced: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        parse_manifest(canonical(document), "it", media_type=announced)
