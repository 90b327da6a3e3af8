"""One image of several."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_publish.errors import SourceError, UsageError
from ci_publish.sources import open_source
from ci_publish.sources.named_image import NamedImage
from ci_publish.sources.selection import choose
from tests.support.malformed import MALFORMED
from tests.support.samples import SAMPLES
from tests.support.validate import validate


@pytest.fixture
def images(tmp_path: Path) -> tuple[NamedImage, ...]:
    with open_source(SAMPLES["docker-several"].write(tmp_path)) as archive:
        return archive.images


@pytest.mark.parametrize(
    ("select", "index"),
    [
        ("example.org/app:1", 0),
        ("example.org/app:latest", 0),
        ("example.org/app", 0),
        ("example.org/tool:2", 1),
        ("latest", 0),
        ("1", 0),
        ("2", 1),
        ("@0", 0),
        ("@1", 1),
    ],
)
def test_name_tag_or_number_selects(select: str, index: int, images: tuple[NamedImage, ...]) -> None:
    assert choose(images, select) is images[index].image


def test_digest_of_manifest_or_config_selects(images: tuple[NamedImage, ...]) -> None:
    for item in images:
        assert choose(images, str(item.image.descriptor.digest)) is item.image
        assert choose(images, str(item.image.config.descriptor.digest)) is item.image


@pytest.mark.parametrize(
    "select", ["example.org/app:3", "tool:2", "3", "@2", "@-1", "@x", "@" + "9" * 9999, "", "sha256:" + "0" * 64]
)
def test_what_fits_nothing_is_refused_with_a_list(select: str, images: tuple[NamedImage, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        choose(images, select)
    hint = caught.value.hint or ""
    assert "--select" in hint
    assert f"@1 {images[1].image.descriptor.digest} example.org/tool:2" in hint


def test_no_choice_among_several_is_refused_with_a_list(tmp_path: Path) -> None:
    path = SAMPLES["docker-several"].write(tmp_path)
    with open_source(path) as archive, pytest.raises(UsageError, match="holds 2 images") as caught:
        _ = archive.image
    assert "example.org/app:1 example.org/app:latest" in (caught.value.hint or "")


def test_a_long_list_is_cut(images: tuple[NamedImage, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        choose(images * 30, None)
    assert (caught.value.hint or "").endswith("and 40 more")


def test_the_tag_of_a_reference_selects_where_the_archive_has_tags_only(tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-two-names"].write(tmp_path), select="example.org/app:b") as archive:
        assert archive.image is archive.images[1].image


def test_docker_names_are_completed_on_both_sides(tmp_path: Path) -> None:
    with open_source(SAMPLES["docker-legacy"].write(tmp_path), select="docker.io/library/app") as archive:
        validate(archive.image)


def test_a_platform_is_selected_by_its_digest(tmp_path: Path) -> None:
    path = SAMPLES["oci-index"].write(tmp_path)
    with open_source(path) as archive:
        arm = archive.image.platforms()[1]
    with open_source(path, select=str(arm.descriptor.digest)) as archive:
        assert archive.image.descriptor.digest == arm.descriptor.digest
        assert archive.image.platform == arm.platform
        validate(archive.image)


def test_what_is_there_of_a_partial_index_is_selected_by_its_digest(tmp_path: Path) -> None:
    path = MALFORMED["index-partial"].write(tmp_path)
    with pytest.raises(SourceError) as caught:
        open_source(path)
    _, _, rest = (caught.value.hint or "").partition("--select ")
    with open_source(path, select=rest.split()[0]) as archive:
        assert str(archive.image.platform) == "linux/amd64"
        validate(archive.image)
