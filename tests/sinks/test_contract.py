"""Every sample, written to an archive and read again."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from ci_publish.oci import Image
from ci_publish.oci.image import is_plain_layer
from ci_publish.sinks import SINKS, SinkKind, write_archive
from ci_publish.sources import open_source
from tests.support.samples import SAMPLES
from tests.support.validate import validate

NAMES = ("example.org/team/app:1.2", "example.org/team/app:latest")


def write(image: Image, path: Path, kind: SinkKind) -> None:
    write_archive(image, path, kind=kind, names=NAMES)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", ["oci", "both"])
def test_what_is_written_is_read_as_the_same_image(name: str, kind: SinkKind, tmp_path: Path) -> None:
    target = tmp_path / "written.tar"
    with open_source(SAMPLES[name].write(tmp_path)) as archive:
        image = archive.images[0].image
        write(image, target, kind)
    with open_source(target) as archive:
        assert archive.image.descriptor.digest == image.descriptor.digest
        assert archive.images[0].names == NAMES
        validate(archive.image)


@pytest.mark.parametrize(
    "name", [name for name, sample in SAMPLES.items() if len(sample.platforms) == 1 and name != "oci-artifact"]
)
def test_docker_archive_keeps_config_and_layers(name: str, tmp_path: Path) -> None:
    target = tmp_path / "written.tar"
    with open_source(SAMPLES[name].write(tmp_path)) as archive:
        image = archive.images[0].image.platforms()[0]
        write(image, target, "docker")
    with open_source(target) as archive:
        assert archive.kind == "docker-archive"
        assert archive.images[0].names == NAMES
        written = archive.image
        validate(written)
    assert written.config.descriptor.digest == image.config.descriptor.digest
    assert [each.descriptor.digest for each in written.layers] == [each.descriptor.digest for each in image.layers]


@pytest.mark.parametrize("kind", SINKS)
def test_same_image_gives_same_bytes(kind: SinkKind, tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-one"].write(tmp_path)) as archive:
        write(archive.image, tmp_path / "first", kind)
        write(archive.image, tmp_path / "second", kind)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.parametrize("kind", SINKS)
def test_nothing_in_the_archive_tells_of_the_machine(kind: SinkKind, tmp_path: Path) -> None:
    target = tmp_path / "written.tar"
    with open_source(SAMPLES["oci-one"].write(tmp_path)) as archive:
        write(archive.image, target, kind)
    with tarfile.open(target) as written:
        members = written.getmembers()
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, 0, "", "")}
    names = [member.name for member in members]
    assert len(names) == len(set(names))
    blobs = [name for name in names if name.startswith("blobs/sha256/")]
    assert blobs == sorted(blobs)


def test_both_has_both_forms_for_one_platform(tmp_path: Path) -> None:
    assert {"oci-layout", "index.json", "manifest.json"} <= names_in_both("oci-one", tmp_path)


@pytest.mark.parametrize("name", ["oci-index", "oci-artifact", "oci-plain-layers"])
def test_both_is_a_layout_where_docker_would_lose_the_image(name: str, tmp_path: Path) -> None:
    names = names_in_both(name, tmp_path)
    assert {"oci-layout", "index.json"} <= names
    assert "manifest.json" not in names


def names_in_both(name: str, folder: Path) -> set[str]:
    target = folder / "written.tar"
    with open_source(SAMPLES[name].write(folder)) as archive:
        write(archive.image, target, "both")
    with tarfile.open(target) as written:
        return set(written.getnames())


def test_plain_layers_of_a_composed_image_are_read_back_as_such(tmp_path: Path) -> None:
    target = tmp_path / "written.tar"
    with open_source(SAMPLES["docker-legacy"].write(tmp_path)) as archive:
        write(archive.image, target, "both")
    with open_source(target) as archive:
        assert archive.image.composed
        assert all(map(is_plain_layer, archive.image.layers))
