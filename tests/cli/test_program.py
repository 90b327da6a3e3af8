"""The program as a whole: help, version, unknown words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ci_publish.cli import COMMANDS
from tests.support.program import ROOT, Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_help_names_every_command_and_fits_a_screen(program: Program) -> None:
    text = program.run("--help").stdout

    assert all(f"  {name} " in text for name in COMMANDS)
    assert len(text.splitlines()) <= 24


def test_without_arguments_it_is_the_help(program: Program) -> None:
    result = program.run()

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == program.run("--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, program: Program) -> None:
    result = program.run(name, "--help")

    assert result.returncode == 0
    assert result.stdout.startswith(f"Usage: ci-publish {name}")
    assert "--format" in result.stdout


def test_unknown_command_is_wrong_usage(program: Program) -> None:
    result = program.run("frobnicate")

    assert result.returncode == 2
    assert "frobnicate" in result.stderr
    assert "hint: `ci-publish --help`" in result.stderr


@pytest.mark.parametrize(("written", "meant"), [("psh", "push"), ("tag", "tags"), ("publish", "push")])
def test_misspelled_command_is_corrected(written: str, meant: str, program: Program) -> None:
    result = program.run(written)

    assert result.returncode == 2
    assert f"hint: did you mean `ci-publish {meant}`?" in result.stderr


def test_version_is_printed(program: Program) -> None:
    assert program.run("--version").stdout.startswith("ci-publish ")


def test_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ci_publish", "tags", "--images", "a", "--ref", "refs/heads/b", "--format", "json"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()

    assert "bug" not in errors
    assert "Traceback" not in errors
