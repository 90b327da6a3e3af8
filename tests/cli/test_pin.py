"""`ci-publish pin`: what it prints, what it writes, how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ci_publish.record import update_record
from tests.support.publications import digest, publication

Run = Callable[..., subprocess.CompletedProcess[str]]
PINNED = f"ghcr.io/acme/app:1.2@{digest('a')}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    update_record(tmp_path / "digests.lock.json", [publication()])
    (tmp_path / "Dockerfile").write_text("# é\nFROM ghcr.io/acme/app:1.2 AS x\nFROM nginx\n", encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {a: {image: 'ghcr.io/acme/app:9'}}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ci_publish", "pin", *arguments],
            cwd=folder,
            env={key: value for key, value in os.environ.items() if not key.startswith(("CI_PUBLISH", "GITHUB"))}
            | {"PYTHONPATH": os.pathsep.join(sys.path)}
            | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_pin_check_and_unpin(run: Run, folder: Path) -> None:
    before = contents(folder)
    done = run(".")
    assert (done.returncode, done.stdout) == (0, "Dockerfile\n")
    assert f"Dockerfile:2:6: ghcr.io/acme/app:1.2 → {PINNED}" in done.stderr.splitlines()
    assert "compose.yaml:1:24: ghcr.io/acme/app:9 stays: " in done.stderr
    assert f"FROM {PINNED} AS x" in (folder / "Dockerfile").read_text(encoding="utf-8")
    assert run("--check", ".").returncode == 0
    undone = run("--unpin", ".")
    assert (undone.returncode, undone.stdout) == (0, "Dockerfile\n")
    assert contents(folder) == before


def test_check_writes_nothing_and_lists_what_it_found(run: Run, folder: Path) -> None:
    before = contents(folder)
    checked = run("--check", ".")
    assert checked.returncode == 7
    assert "error: 1 reference not as recorded: Dockerfile:2:6" in checked.stderr
    assert "hint: ci-publish pin . --record digests.lock.json" in checked.stderr
    assert contents(folder) == before


def test_diff_writes_nothing_and_prints_a_diff(run: Run, folder: Path) -> None:
    before = contents(folder)
    diff = run("--diff", "Dockerfile", "--quiet")
    assert (diff.returncode, diff.stderr) == (0, "")
    assert f"\n-FROM ghcr.io/acme/app:1.2 AS x\n+FROM {PINNED} AS x\n" in diff.stdout
    assert run("--diff", "--check", ".").returncode == 7
    assert contents(folder) == before


def test_json_has_edits_and_skips(run: Run) -> None:
    result = json.loads(run("--format", "json", ".").stdout)
    place = {"file": "Dockerfile", "line": 2, "column": 6}
    assert result["edits"] == [place | {"old": "ghcr.io/acme/app:1.2", "new": PINNED}]
    assert (result["written"], result["files"]) == (True, ["Dockerfile"])
    assert [skip["reference"] for skip in result["skips"]] == ["nginx", "ghcr.io/acme/app:9"]


def test_json_is_complete_when_the_check_fails(run: Run) -> None:
    checked = run("--format", "json", "--check", "--diff", ".")
    result = json.loads(checked.stdout)
    assert checked.returncode == 7
    assert (len(result["edits"]), result["written"]) == (1, False)
    assert PINNED in result["diff"]


def test_images_that_are_not_ours_are_listed_only_on_request(run: Run) -> None:
    assert "nginx" not in run("--check", ".").stderr
    assert "Dockerfile:3:6: nginx stays: the image is not in the record" in run("-v", ".").stderr


def test_a_broken_file_stops_all(run: Run, folder: Path) -> None:
    (folder / "z.yaml").write_text("a: [b\n", encoding="utf-8")
    before = contents(folder)
    broken = run(".")
    assert (broken.returncode, broken.stdout) == (6, "")
    assert broken.stderr.startswith("error: z.yaml:2:1: not valid YAML")
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("missing",), "there is no file or folder missing"),
        (("digests.lock.json",), "no format is known"),
        ((".", "--record", "other.json"), "there is no record other.json"),
        ((".", "--record", "compose.yaml"), "is not valid JSON"),
    ],
)
def test_wrong_use_ends_with_2(run: Run, arguments: tuple[str, ...], message: str) -> None:
    failed = run(*arguments)
    assert failed.returncode == 2
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr


def test_options_come_from_the_environment_and_paths_may_be_lines(run: Run, folder: Path) -> None:
    (folder / "digests.lock.json").rename(folder / "other.json")
    done = run("Dockerfile\ncompose.yaml\n", CI_PUBLISH_RECORD="other.json", CI_PUBLISH_PIN_QUIET="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Dockerfile\n", "")
