"""What linters of workflows say about `action.yml` and the project's own workflows: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.programs import require_program

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

pytestmark = pytest.mark.real


def test_zizmor_finds_nothing_even_to_a_pedant() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    files = [*WORKFLOWS, ROOT / "action.yml", ROOT / ".github" / "dependabot.yml"]
    command = [str(zizmor), "--offline", "--persona", "pedantic", "--format", "plain", *map(str, files)]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_actionlint_finds_nothing() -> None:
    install = "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"
    actionlint = require_program("actionlint", install)
    # in the repository it reads action.yml too, to check the steps that use it
    done = subprocess.run([actionlint, *WORKFLOWS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_actionlint_does_look_at_the_actions_inputs(tmp_path: Path) -> None:
    actionlint = require_program("actionlint", "go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7")
    workflow = tmp_path / ".github" / "workflows" / "wrong.yml"
    workflow.parent.mkdir(parents=True)
    (tmp_path / "action.yml").write_bytes((ROOT / "action.yml").read_bytes())
    step = "{ uses: ./, with: { images: ghcr.io/octo-org/app, no-such-input: 1 } }"
    workflow.write_text(f"on: push\njobs: {{ a: {{ runs-on: ubuntu-latest, steps: [{step}] }} }}\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run([actionlint, workflow], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no-such-input" in done.stdout
