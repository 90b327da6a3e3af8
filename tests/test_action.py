"""`action.yml` against the command line: every input arrives, every output is written, nothing else happens in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_publish.cli.connection import PASSWORD_VARIABLE
from ci_publish.cli.options import EnvironmentOption
from ci_publish.cli.push import command as push

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INPUTS: dict[str, dict[str, Any]] = ACTION["inputs"]
OUTPUTS: dict[str, dict[str, Any]] = ACTION["outputs"]
(STEP,) = ACTION["runs"]["steps"]

# Read by action/bootstrap.py; every other input is an option of `push`.
OF_BOOTSTRAP = {"command"}


def variable(input_name: str) -> str:
    return "CI_PUBLISH_" + input_name.upper().replace("-", "_")


def variables_of_push() -> set[str]:
    context = push.make_context("push", [], resilient_parsing=True)
    options = [parameter.variables(context) for parameter in push.params if isinstance(parameter, EnvironmentOption)]
    arguments = [parameter.envvar or () for parameter in push.params if not isinstance(parameter, EnvironmentOption)]
    return {PASSWORD_VARIABLE} | {
        name for names in (*options, *arguments) for name in ([names] if isinstance(names, str) else names)
    }


def test_every_input_becomes_its_variable_and_nothing_else_does() -> None:
    arriving = {variable(name): f"${{{{ inputs.{name} }}}}" for name in INPUTS}
    assert STEP["env"] == {**arriving, "GITHUB_TOKEN": "${{ github.token }}"}


@pytest.mark.parametrize("name", sorted(set(INPUTS) - OF_BOOTSTRAP))
def test_push_reads_the_input(name: str) -> None:
    assert variable(name) in variables_of_push()


def test_every_output_comes_from_the_step() -> None:
    assert {name: output["value"] for name, output in OUTPUTS.items()} == {
        name: f"${{{{ steps.{STEP['id']}.outputs.{name} }}}}" for name in OUTPUTS
    }


def test_the_step_holds_no_expression_and_no_other_action() -> None:
    assert "${{" not in STEP["run"]
    assert STEP["shell"] == "bash"
    assert set(STEP) == {"name", "id", "shell", "run", "env"}


@pytest.mark.parametrize("name", [*INPUTS, *OUTPUTS])
def test_it_is_described(name: str) -> None:
    assert all(entry[name]["description"] for entry in (INPUTS, OUTPUTS) if name in entry)


def test_no_input_is_required_so_that_the_environment_may_give_it() -> None:
    assert not any(entry["required"] for entry in INPUTS.values())


def test_the_hint_for_a_missing_python_names_the_action_that_our_own_workflow_pins() -> None:
    pin = re.compile(r"actions/setup-python@[0-9a-f]{40} # v[\d.]+")
    hinted = pin.findall((ROOT / "action" / "start.sh").read_text(encoding="utf-8"))
    pinned = pin.findall((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert hinted
    assert set(hinted) == set(pinned)


@pytest.mark.parametrize("name", [*INPUTS, *OUTPUTS])
def test_readme_describes_it(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "README.md").read_text(encoding="utf-8")
