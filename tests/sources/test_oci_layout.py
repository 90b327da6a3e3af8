"""What a layout lists, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_publish.errors import SourceError
from ci_publish.oci import Index, parse_manifest
from ci_publish.oci.media_types import DOCKER, DOCKER_INDEX, OCI_INDEX
from ci_publish.sources import Archive, open_source
from tests.support.archive_parts import LAYERS, Files, Layout, named, tar
from tests.support.samples import SAMPLES, write_directory
from tests.support.validate import validate


def opened(files: Files, folder: Path) -> Archive:
    path = folder / "image"
    path.write_bytes(tar(files))
    return open_source(path)


def test_manifests_are_kept_verbatim(tmp_path: Path) -> None:
    files = SAMPLES["oci-index"].files()
    with opened(files, tmp_path) as archive:
        for image in archive.image.walk():
            assert files[f"blobs/sha256/{image.descriptor.digest.hex}"] == image.manifest
            assert not image.composed


def test_attestations_go_with_the_index_and_run_nowhere(tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-index"].write(tmp_path)) as archive:
        children = archive.image.children
        assert [child.is_attestation for child in children] == [False, False, True, True]
        assert len(archive.image.platforms()) == 2


def test_a_composed_index_lists_platforms_without_the_layouts_names(tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-flat-unsaid"].write(tmp_path)) as archive:
        index = parse_manifest(archive.image.manifest, "the index")
        assert isinstance(index, Index)
        assert [str(each.platform) for each in index.manifests] == ["linux/amd64", "linux/arm/v6", "linux/arm/v7"]
        assert all(not each.annotations for each in index.manifests)
        assert not any(child.composed for child in archive.image.children)


@pytest.mark.parametrize(("family", "media_type"), [(DOCKER, DOCKER_INDEX), (None, OCI_INDEX)])
def test_a_composed_index_is_of_its_images_family(family: object, media_type: str, tmp_path: Path) -> None:
    layout = Layout()
    second = {"family": DOCKER} if family else {}
    images = [layout.image(family=DOCKER), layout.image(platform="linux/arm64", **second)]  # type: ignore[arg-type]
    with opened(layout.files(*images), tmp_path) as archive:
        assert archive.image.descriptor.media_type == media_type


def test_a_flat_layout_with_attestations_is_one_image(tmp_path: Path) -> None:
    layout = Layout()
    amd, arm = layout.image(), layout.image(platform="linux/arm64")
    with opened(layout.files(amd, arm, layout.attestation(amd), layout.attestation(arm)), tmp_path) as archive:
        validate(archive.image)
        assert len(archive.image.children) == 4
        assert len(archive.image.platforms()) == 2


def test_images_of_one_platform_are_not_joined(tmp_path: Path) -> None:
    layout = Layout()
    with opened(layout.files(layout.image(), layout.image(LAYERS)), tmp_path) as archive:
        assert len(archive.images) == 2


def test_an_artifact_beside_an_image_is_not_joined_to_it(tmp_path: Path) -> None:
    layout = Layout()
    with opened(layout.files(layout.image(), layout.artifact()), tmp_path) as archive:
        assert len(archive.images) == 2


def test_a_foreign_layer_keeps_its_descriptor_and_cannot_be_opened(tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-foreign"].write(tmp_path)) as archive:
        foreign = archive.image.layers[0]
        assert foreign.descriptor.urls == ("https://example.org/base",)
        assert foreign.diff_id is not None
        with pytest.raises(SourceError, match=r"it is at https://example\.org/base"):
            foreign.open()


def test_a_link_in_a_directory_may_stay_inside(tmp_path: Path) -> None:
    path = tmp_path / "layout"
    write_directory(path, SAMPLES["oci-one"].files())
    blobs = path / "blobs"
    blobs.rename(path / "store")
    blobs.symlink_to("store")
    with open_source(path) as archive:
        validate(archive.image)


def test_blobs_of_a_directory_may_not_be_links_out_of_it(tmp_path: Path) -> None:
    path = tmp_path / "layout"
    write_directory(path, SAMPLES["oci-one"].files())
    (path / "blobs").rename(tmp_path / "store")
    (path / "blobs").symlink_to(tmp_path / "store")
    with pytest.raises(SourceError, match="outside"):
        open_source(path)


def test_names_of_one_digest_come_together(tmp_path: Path) -> None:
    layout = Layout()
    image, other = layout.image(), layout.image(LAYERS)
    files = layout.files(named(image, tag="a"), named(other, tag="b"), named(image, tag="c"), named(image, tag="a"))
    with opened(files, tmp_path) as archive:
        assert [item.names for item in archive.images] == [("a", "c"), ("b",)]
