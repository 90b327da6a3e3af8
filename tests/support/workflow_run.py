"""A workflow that uses this checkout as its action, run by act on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
WHAT_THE_ACTION_IS = ("action.yml", "action", "ci_publish", "requirements.lock")
OF_A_RUNNER = ("ACTIONS_", "CI_PUBLISH_", "GITHUB_", "RUNNER_")


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """What a runner saw of a workflow.

    Args:
        succeeded: whether the job did.
        outputs: of the step `publish`.
        summary: the Markdown that the step wrote for the run's page.
        log: everything the steps printed, workflow commands included.
    """

    succeeded: bool
    outputs: dict[str, str]
    summary: str
    log: str


def workflow_run(act: Path, workspace: Path, inputs: dict[str, str], *, runner: Path) -> WorkflowRun:
    """One push event, one job, one step that uses the action.

    Args:
        act: nektos/act.
        workspace: the repository that is built; the action is copied into it.
        inputs: of the action.
        runner: a folder that outlives the run: the runner's home with its tool cache.
    """
    _install_action(workspace)
    _write_workflow(workspace, inputs)
    _commit(workspace)
    command = [str(act), "push", "--json", "--platform", "ubuntu-latest=-self-hosted"]
    # what an outer workflow run has set is not for the inner one
    ours = {name: value for name, value in os.environ.items() if not name.startswith(OF_A_RUNNER)}
    environment = {**ours, "HOME": str(runner), "XDG_CACHE_HOME": str(runner / "cache")}
    done = subprocess.run(
        command, cwd=workspace, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return _read_log(done.stdout.splitlines(), succeeded=done.returncode == 0)


def _install_action(workspace: Path) -> None:
    for name in WHAT_THE_ACTION_IS:
        source, target = ROOT / name, workspace / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def _write_workflow(workspace: Path, inputs: dict[str, str]) -> None:
    steps = [
        # act puts the workspace in place instead of fetching this
        {"uses": "actions/checkout@v7"},
        {"id": "publish", "uses": "./", "with": inputs},
    ]
    workflow = {"on": "push", "permissions": {}, "jobs": {"publish": {"runs-on": "ubuntu-latest", "steps": steps}}}
    path = workspace / ".github" / "workflows" / "publish.yml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(workflow), encoding="utf-8")


def _commit(workspace: Path) -> None:
    git = ["git", "-c", "user.name=octo-org", "-c", "user.email=octo-org@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "image"]):
        subprocess.run([*git, *arguments], cwd=workspace, check=True)


def _read_log(lines: list[str], *, succeeded: bool) -> WorkflowRun:
    entries = [_entry(line) for line in lines]
    return WorkflowRun(
        succeeded=succeeded,
        outputs={entry["name"]: entry["arg"] for entry in entries if entry.get("command") == "set-output"},
        summary="".join(entry["content"] for entry in entries if entry.get("command") == "summary"),
        log="".join(entry["msg"] for entry in entries if entry.get("raw_output") or "command" in entry),
    )


def _entry(line: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
    return entry
