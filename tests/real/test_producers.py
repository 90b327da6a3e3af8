"""Archives of the tools people have, read here; archives written here, read by those tools."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ci_publish.sinks import write_archive
from ci_publish.sources import open_source
from tests.support.programs import require_program
from tests.support.samples import SAMPLES
from tests.support.validate import validate

pytestmark = pytest.mark.real

Copy = Callable[..., str]


@pytest.fixture
def skopeo() -> Copy:
    program = require_program("skopeo", "apt-get install skopeo")

    def run(*arguments: str) -> str:
        return subprocess.run(
            [program, "--insecure-policy", *arguments], capture_output=True, text=True, check=True, timeout=60
        ).stdout

    return run


# skopeo's name of what it writes → what reading it gives: the kind, and the image's names
TARGETS = {
    "docker-archive:{}:example.org/app:2": ("docker-archive", ("example.org/app:2",)),
    "oci-archive:{}:v2": ("oci-layout", ("v2",)),
    "oci:{}:v2": ("oci-layout", ("v2",)),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("sample", ["docker-legacy", "docker-mixed-layers", "oci-one", "oci-plain-layers"])
def test_what_skopeo_writes_is_read(sample: str, target: str, skopeo: Copy, tmp_path: Path) -> None:
    source = SAMPLES[sample].write(tmp_path)
    transport = "docker-archive" if SAMPLES[sample].kind == "docker-archive" else "oci-archive"
    skopeo("copy", f"{transport}:{source}", target.format(tmp_path / "copy"))
    with open_source(source) as before, open_source(tmp_path / "copy") as after:
        assert (after.kind, after.images[0].names) == TARGETS[target]
        validate(after.image)
        assert [layer.diff_id for layer in after.image.layers] == [layer.diff_id for layer in before.image.layers]


def test_an_index_copied_by_skopeo_keeps_its_digest(skopeo: Copy, tmp_path: Path) -> None:
    source = SAMPLES["oci-index"].write(tmp_path)
    skopeo("copy", "--all", f"oci-archive:{source}", f"oci-archive:{tmp_path / 'copy'}:v1")
    with open_source(source) as before, open_source(tmp_path / "copy") as after:
        validate(after.image)
        assert after.image.descriptor.digest == before.image.descriptor.digest
        assert len(after.image.platforms()) == 2


@pytest.mark.parametrize(
    ("sample", "transport"),
    [
        ("docker-legacy", "oci-archive"),
        ("docker-legacy", "docker-archive"),
        ("oci-one", "oci-archive"),
        ("oci-one", "docker-archive"),
        ("oci-zstd-layers", "oci-archive"),
        # skopeo looks in a layout for manifests of OCI's types only
        ("oci-docker-types", "docker-archive"),
    ],
)
def test_what_is_written_skopeo_reads(sample: str, transport: str, skopeo: Copy, tmp_path: Path) -> None:
    target = tmp_path / "written.tar"
    with open_source(SAMPLES[sample].write(tmp_path)) as archive:
        image = archive.image
        write_archive(image, target, kind="both", names=["example.org/app:2"])
        diff_ids = [str(layer.diff_id) for layer in image.layers]
    name = "2" if transport == "oci-archive" else "example.org/app:2"
    config = json.loads(skopeo("inspect", "--config", "--raw", f"{transport}:{target}:{name}"))
    assert config["rootfs"]["diff_ids"] == diff_ids
    if transport == "oci-archive":
        assert skopeo("inspect", "--raw", f"{transport}:{target}:{name}").encode() == image.manifest
    # inspecting looks at documents only, copying at every byte
    skopeo("copy", f"{transport}:{target}:{name}", f"dir:{tmp_path / 'unpacked'}")


def test_an_index_that_is_written_skopeo_copies(skopeo: Copy, tmp_path: Path) -> None:
    with open_source(SAMPLES["oci-index"].write(tmp_path)) as archive:
        write_archive(archive.image, tmp_path / "written.tar", kind="both", names=["example.org/app:2"])
        manifest = archive.image.manifest
    skopeo("copy", "--all", f"oci-archive:{tmp_path / 'written.tar'}:2", f"dir:{tmp_path / 'unpacked'}")
    assert (tmp_path / "unpacked" / "manifest.json").read_bytes() == manifest


def test_what_umoci_writes_is_read(tmp_path: Path) -> None:
    umoci = require_program("umoci", "apt-get install umoci")
    layout, content = tmp_path / "layout", tmp_path / "content"
    content.write_text("hello\n", encoding="utf-8")
    for command in (
        ("init", "--layout", f"{layout}"),
        ("new", "--image", f"{layout}:v1"),
        ("insert", "--rootless", "--image", f"{layout}:v1", f"{content}", "/hello"),
        ("tag", "--image", f"{layout}:v1", "latest"),
    ):
        subprocess.run([umoci, *command], capture_output=True, check=True, timeout=60)
    with open_source(layout) as archive:
        assert archive.kind == "oci-layout"
        assert sorted(archive.images[0].names) == ["latest", "v1"]
        assert len(archive.image.layers) == 1
        validate(archive.image)


@pytest.mark.parametrize(
    ("target", "kind"),
    [("docker-archive:{}:example.org/app:1", "docker-archive"), ("oci-archive:{}:v1", "oci-layout")],
)
def test_what_buildah_writes_is_read(target: str, kind: str, tmp_path: Path) -> None:
    program = require_program("buildah", "apt-get install buildah")
    storage = ("--root", f"{tmp_path / 'root'}", "--runroot", f"{tmp_path / 'run'}", "--storage-driver", "vfs")

    def buildah(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *storage, *arguments], capture_output=True, text=True, check=False, timeout=120)

    (tmp_path / "content").write_text("hello\n", encoding="utf-8")
    started = buildah("from", "scratch")
    if started.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"buildah needs root or user namespaces: {started.stderr.strip()}")
    container = started.stdout.strip()
    buildah("copy", container, f"{tmp_path / 'content'}", "/hello").check_returncode()
    buildah("commit", container, target.format(tmp_path / "image.tar")).check_returncode()
    with open_source(tmp_path / "image.tar") as archive:
        assert archive.kind == kind
        assert len(archive.image.layers) == 1
        validate(archive.image)
