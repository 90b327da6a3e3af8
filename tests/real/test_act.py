"""`action.yml` as a runner runs it: act (nektos/act) on this machine, against the embedded registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ci_publish.demo.sample import write_sample
from tests.support.programs import require_program
from tests.support.registry import WatchedRegistry, running_registry
from tests.support.workflow_run import WorkflowRun, workflow_run

Run = Callable[..., WorkflowRun]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One runner for all tests of this file: the first step on it installs, the others find it done."""
    return tmp_path_factory.mktemp("runner")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[WatchedRegistry]:
    with running_registry(tmp_path) as registry:
        yield registry


@pytest.fixture
def run(registry: WatchedRegistry, runner: Path, tmp_path: Path) -> Run:
    """A run of the action on the sample image; the keywords are inputs."""
    act = require_program("act", "go install github.com/nektos/act@v0.2.82")
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    write_sample(workspace / "image.tar", "octo-org/app:build")

    def start(**inputs: str) -> WorkflowRun:
        given = {"source": "image.tar", "images": f"{registry.address}/Octo-Org/app", **inputs}
        return workflow_run(
            act, workspace, {name.replace("_", "-"): value for name, value in given.items()}, runner=runner
        )

    return start


def held_digest(registry: WatchedRegistry, tag: str) -> str:
    """The digest that the registry itself has for a tag."""
    manifest = httpx.get(f"{registry.url}/v2/octo-org/app/manifests/{tag}", trust_env=False)
    assert manifest.status_code == 200, tag
    return str(manifest.headers["docker-content-digest"])


def test_a_push_publishes_and_hands_on_what_it_did(run: Run, registry: WatchedRegistry) -> None:
    done = run(tags="type=ref,event=branch\ntype=raw,value=extra")
    assert done.succeeded, done.log
    name, digest = f"{registry.address}/octo-org/app", done.outputs["digest"]
    assert held_digest(registry, "main") == held_digest(registry, "extra") == digest
    assert json.loads(done.outputs["digests"]) == {name: digest}
    assert set(done.outputs["tags"].splitlines()) == {f"{name}:main", f"{name}:extra"}
    assert done.outputs["image"] == f"{name}@{digest}"
    assert done.outputs["version"] == "main"
    assert done.outputs["record"] == "digests.lock.json"
    assert json.loads(done.outputs["json"])["digest"] == digest


def test_the_summary_shows_the_digest_and_each_tag(run: Run) -> None:
    done = run(tags="type=ref,event=branch\ntype=raw,value=extra")
    assert all(part in done.summary for part in (done.outputs["digest"], "main", "extra"))


def test_a_dry_run_changes_nothing(run: Run, registry: WatchedRegistry) -> None:
    done = run(tags="type=raw,value=never", dry_run="true")
    assert done.succeeded, done.log
    assert {exchange.method for exchange in registry.exchanges} <= {"GET", "HEAD"}
    assert "never" in done.log


def test_a_wrong_input_fails_the_step_with_an_annotation(run: Run, registry: WatchedRegistry) -> None:
    done = run(source="nothing.tar")
    assert not done.succeeded
    assert "::error" in done.log
    assert "nothing.tar" in done.log
    assert "Traceback" not in done.log
    assert registry.exchanges == []


def test_the_password_appears_nowhere(run: Run, registry: WatchedRegistry) -> None:
    done = run(tags="type=raw,value=v1", registry=registry.address, username="octo", password="hunter2-and-more")
    assert done.succeeded, done.log
    assert "hunter2" not in done.log + done.summary + json.dumps(done.outputs)
