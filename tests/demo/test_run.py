"""The demo, as `make demo` runs it: twice."""

from __future__ import annotations

import filecmp
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from ci_publish.demo.comparison import compare_content
from ci_publish.demo.sample import write_sample
from ci_publish.errors import SourceError
from ci_publish.sources import open_source
from tests.support.program import ROOT, Program
from tests.support.validate import validate


def test_second_run_pushes_no_layer(tmp_path: Path) -> None:
    program = Program(tmp_path)
    first = program.json("demo", "--port", "0")
    second = program.json("demo", "--port", "0")

    assert first["blobs"]["uploaded"] == 4
    assert second["blobs"] == {"uploaded": 0, "reused": 3, "mounted": 0, "existing": 1}
    assert second["digest"] == first["digest"]
    for name in ("deployment.yaml", "Dockerfile"):
        assert second["digest"] in (tmp_path / ".demo" / name).read_text()
    assert second["digest"] in (tmp_path / ".demo" / "digests.lock.json").read_text()


def test_it_ends_with_a_table_to_read(tmp_path: Path) -> None:
    result = Program(tmp_path).run("demo", "--port", "0")

    assert result.returncode == 0, result.stderr
    heading, row = result.stdout.splitlines()
    assert heading.split() == ["TAG", "DIGEST", "SIZE", "PULL"]
    assert re.search(r"docker pull 127\.0\.0\.1:\d+/demo/app:demo$", row)
    assert "uploaded" in result.stderr


def test_without_a_checkout_it_says_so_and_goes_on(tmp_path: Path) -> None:
    result = Program(tmp_path).run("demo", "--port", "0", "--format", "json")

    assert "is not in a git checkout: going on" in result.stderr
    assert json.loads(result.stdout)["tags"] == ["demo"]


def test_a_tag_at_head_decides_also_on_a_branch(tmp_path: Path) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], [*author, "commit", "-q", "--allow-empty", "-m", "x"], ["tag", "v1.2.3"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)

    assert {"1.2.3", "1.2", "latest"} <= set(Program(tmp_path).json("demo", "--port", "0")["tags"])


def test_the_command_it_prints_starts_the_registry_again(tmp_path: Path) -> None:
    result = Program(tmp_path).run("demo", "--port", "0")
    (command,) = (line.split() for line in result.stderr.splitlines() if " serve " in line)
    with subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    ) as registry:
        assert registry.stderr is not None
        address = registry.stderr.readline().split()[1].strip(",").removeprefix("http://")
        digest = Program(tmp_path).run("digest", f"{address}/demo/app:demo").stdout.strip()
        registry.terminate()

    assert digest.startswith("sha256:")
    assert digest in (tmp_path / ".demo" / "digests.lock.json").read_text()


def test_sample_is_the_same_each_time_and_whole(tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        write_sample(tmp_path / name, "demo/app:1")
    with open_source(tmp_path / "a.tar") as archive:
        validate(archive.image)
        assert archive.kind == "docker-archive"
        assert len(archive.image.layers) > 1

    assert filecmp.cmp(tmp_path / "a.tar", tmp_path / "b.tar", shallow=False)


def test_comparison_finds_one_changed_byte(tmp_path: Path) -> None:
    sample, changed = tmp_path / "a.tar", tmp_path / "b.tar"
    write_sample(sample, "demo/app:1")
    assert compare_content(sample, sample) > 1_000_000
    data = bytearray(sample.read_bytes())
    with tarfile.open(sample) as tar:
        names = json.load(tar.extractfile("manifest.json"))[0]["Layers"]  # type: ignore[arg-type]  # it is a file
        layer = tar.getmember(names[1])
    data[layer.offset_data + layer.size // 2] ^= 1
    changed.write_bytes(data)

    with pytest.raises(SourceError, match="differs"):
        compare_content(sample, changed)
