"""`ci-publish tags` as its users run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import SHA

ROOT = Path(__file__).parents[2]
RULES = "type=ref,event=branch\ntype=semver,pattern={{version}}\ntype=sha"


class Program:
    """The command line in an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": "1772694489"}

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "ci_publish", "tags", *arguments],
            cwd=self.folder,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def json(self, *arguments: str, **environ: str) -> dict[str, Any]:
        result = self.run(*arguments, "--format", "json", **environ)
        assert result.returncode == 0, result.stderr
        document: dict[str, Any] = json.loads(result.stdout)
        return document


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def workflow(tmp_path: Path) -> dict[str, str]:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "main", "license": {"spdx_id": "MIT"}}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": SHA,
        "GITHUB_REPOSITORY": "Acme/Widget",
        "GITHUB_EVENT_PATH": str(event),
    }


def test_the_result_on_stdout_and_the_reasons_on_stderr(program: Program, workflow: dict[str, str]) -> None:
    result = program.run("--images", "ghcr.io/Acme/Widget", "--tags", RULES, **workflow)
    assert result.returncode == 0
    assert result.stdout.splitlines() == ["ghcr.io/acme/widget:main", "ghcr.io/acme/widget:sha-860c190"]
    assert "refs/heads/main is not a git tag" in result.stderr
    assert "lower case" in result.stderr


def test_quiet_leaves_the_reasons_out(program: Program, workflow: dict[str, str]) -> None:
    assert program.run("--tags", "a", "-q", **workflow).stderr == ""


def test_json_has_the_names_of_the_original_and_the_trace(program: Program, workflow: dict[str, str]) -> None:
    document = program.json("--images", "a/b", "--tags", RULES, "--annotations", "x=1", **workflow)
    assert document["version"] == "main"
    assert document["tags"] == ["a/b:main", "a/b:sha-860c190"]
    assert document["tag-names"] == ["main", "sha-860c190"]
    assert document["labels"]["org.opencontainers.image.licenses"] == "MIT"
    assert "manifest:x=1" in document["annotations"]
    assert {row["rule"] for row in document["trace"]} == set(RULES.split("\n"))


def test_levels_of_annotations(program: Program, workflow: dict[str, str]) -> None:
    document = program.json("--tags", "a", **workflow, DOCKER_METADATA_ANNOTATIONS_LEVELS="manifest,index")
    levels = [annotation.partition(":")[0] for annotation in document["annotations"]]
    assert levels == ["manifest"] * 8 + ["index"] * 8


def test_several_values_and_lines_are_the_same(program: Program, workflow: dict[str, str]) -> None:
    one = program.json("--tags", "type=sha\nb", **workflow)
    assert one == program.json("--tags", "type=sha", "--tags", "b", **workflow)
    assert one == program.json(**workflow, CI_PUBLISH_TAGS="type=sha\nb")
    assert one == program.json(**workflow, CI_PUBLISH_TAGS_TAGS="type=sha\nb")


def test_what_would_happen_without_checkout_or_workflow(program: Program) -> None:
    document = program.json("--images", "a/b", "--ref", "refs/tags/v1.2.3", "--tags", RULES)
    assert document["tags"] == ["a/b:1.2.3", "a/b:latest"]
    assert document["event"] == {"name": "push", "ref": "refs/tags/v1.2.3", "sha": ""}


def test_what_would_happen_in_a_workflow(program: Program, workflow: dict[str, str]) -> None:
    assert program.json("--pr", "7", **workflow)["tag-names"] == ["pr-7"]
    assert program.json("--event", "schedule", **workflow)["tag-names"] == ["nightly", "main"]
    assert program.json("--sha", "f" * 40, "--tags", "type=sha", **workflow)["tag-names"] == ["sha-fffffff"]


def test_a_checkout(program: Program) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q", "-b", "dev"], [*identity, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=program.folder, check=True)
    assert program.json("--tags", RULES)["version"] == "dev"
    assert program.json("--tags", RULES, "--ref", "refs/tags/v2.0.0")["version"] == "2.0.0"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "not in a git checkout"),
        (["--context", "workflow"], "GITHUB_REPOSITORY"),
        (["--context", "svn"], "'svn'"),
        (["--ref", "main", "--pr", "1"], "a pull request and a ref"),
        (["--ref", "main", "--tags", "type=nope"], "there is no type 'nope'"),
        (["--ref", "main", "--images", "a b", "--tags", "x"], "not the name of a repository"),
        (["--ref", "main", "--tags", "-x"], "the rule '-x' gives '-x'"),
    ],
)
def test_what_is_wrong_ends_with_2_and_a_line(program: Program, arguments: list[str], message: str) -> None:
    result = program.run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr.splitlines()[0]
    assert "Traceback" not in result.stderr


def test_a_clock_that_is_none_is_refused(program: Program) -> None:
    result = program.run("--ref", "main", SOURCE_DATE_EPOCH="soon")
    assert (result.returncode, "SOURCE_DATE_EPOCH" in result.stderr) == (2, True)


def test_an_api_that_does_not_answer_is_done_without(program: Program, workflow: dict[str, str]) -> None:
    api = {"GITHUB_API_URL": "http://127.0.0.1:9", "GITHUB_TOKEN": "s3cret"}
    result = program.run("--tags", "type=edge\na", **workflow, **api)
    assert result.stdout.splitlines() == ["edge", "a"]
    assert "going on with the facts of the event" in result.stderr
    assert "s3cret" not in result.stderr


def test_a_token_is_not_sent_in_the_clear(program: Program, workflow: dict[str, str]) -> None:
    api = {"GITHUB_API_URL": "http://api.github.com", "GITHUB_TOKEN": "s3cret"}
    result = program.run("--tags", "a", **workflow, **api)
    assert (result.returncode, "https" in result.stderr, "s3cret" in result.stderr) == (2, True, False)


def test_nothing_slow_is_loaded(program: Program) -> None:
    code = (
        "import sys\nsys.argv = ['ci-publish', 'tags', '--ref', 'main', '--tags', 'type=sha\\na']\n"
        "from ci_publish.cli import main\nmain()\n"
        "slow = {'git', 'httpx', 'rich', 'yaml', 'semver', 'packaging', 'urllib.request', 'ssl', 'zoneinfo'}\n"
        "print(slow & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=program.folder,
        env=program.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines()[-1] == "set()"
