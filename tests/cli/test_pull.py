"""`ci-publish pull` and `ci-publish digest` as their users run them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_publish.sources import open_source
from tests.support.program import Program
from tests.support.registry import WatchedRegistry
from tests.support.samples import SAMPLES
from tests.support.validate import validate


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "work"
    folder.mkdir()
    return Program(folder)


@pytest.mark.parametrize("name", ["docker-legacy", "oci-index", "oci-docker-types", "oci-zstd-layers"])
def test_what_was_pushed_is_pulled_back_by_digest(name: str, program: Program, registry: WatchedRegistry) -> None:
    pushed = program.json("push", SAMPLES[name].write(program.folder), f"{registry.address}/team/app:1")
    pulled = program.json("pull", pushed["image"], "-o", "out.tar")
    with open_source(program.folder / "out.tar") as archive:
        validate(archive.image)
        assert str(archive.image.descriptor.digest) == pushed["digest"] == pulled["digest"]


def test_digest_is_known_before_the_push(program: Program, registry: WatchedRegistry) -> None:
    path = SAMPLES["docker-legacy"].write(program.folder)
    target = f"{registry.address}/team/app:1"
    before = program.run("digest", path).stdout
    pushed = program.json("push", path, target)["digest"]

    assert before == f"{pushed}\n" == program.run("digest", target).stdout


def test_pulled_archive_names_its_image(program: Program, registry: WatchedRegistry) -> None:
    target = f"{registry.address}/team/app:1"
    program.json("push", SAMPLES["oci-one"].write(program.folder), target)
    program.json("pull", target, "-o", "out.tar")
    with open_source(program.folder / "out.tar", select=target) as archive:
        assert archive.image.platforms()


def test_one_platform_of_many(program: Program, registry: WatchedRegistry) -> None:
    target = f"{registry.address}/team/app:1"
    program.json("push", SAMPLES["oci-index"].write(program.folder), target)
    program.json("pull", target, "-o", "out.tar", "--platform", "linux/arm64", "--archive", "docker")
    with open_source(program.folder / "out.tar") as archive:
        assert archive.kind == "docker-archive"
        assert [str(image.platform).partition("/v8")[0] for image in archive.image.platforms()] == ["linux/arm64"]
    refused = program.run("pull", target, "-o", "other.tar", "--archive", "docker")

    assert refused.returncode == 2
    assert "--platform" in refused.stderr
    assert not (program.folder / "other.tar").exists()


def test_missing_tag_leaves_what_was_there(program: Program, registry: WatchedRegistry) -> None:
    (program.folder / "out.tar").write_text("precious")
    result = program.run("pull", f"{registry.address}/team/app:none", "-o", "out.tar")

    assert result.returncode == 4
    assert (program.folder / "out.tar").read_text() == "precious"


def test_digest_of_a_file_that_is_not_there_asks_no_registry(program: Program) -> None:
    result = program.run("digest", "image.tar")

    assert result.returncode == 3
    assert "image.tar" in result.stderr
