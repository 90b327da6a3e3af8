"""Programs that tests of real parts need."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def require_program(name: str, install: str) -> Path:
    """The program on PATH or among Go's, or an end of the test: skipped on a person's machine, failed in CI.

    Args:
        name: of the program.
        install: the command that installs it, for the one who reads why the test did not run.
    """
    found = shutil.which(name) or shutil.which(name, path=_go_programs())
    if found:
        return Path(found)
    reason = f"{name} is not installed; to install it: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _go_programs() -> str:
    go = shutil.which("go")
    if not go:
        return str(Path.home() / "go" / "bin")
    folder = subprocess.run([go, "env", "GOPATH"], capture_output=True, text=True, check=True).stdout.strip()
    return str(Path(folder) / "bin")
