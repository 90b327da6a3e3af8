"""The action's set-up with real installers and the real lock file, from a package index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.programs import require_program

BOOTSTRAP = Path(__file__).parent.parent.parent / "action" / "bootstrap.py"

pytestmark = pytest.mark.real


def install(python: Path | str, tool_cache: Path, *, path: str) -> Path:
    """The folder that the bootstrap filled, after it ran the program from there."""
    environment = {**os.environ, "PATH": path, "RUNNER_TOOL_CACHE": str(tool_cache), "CI_PUBLISH_COMMAND": "--version"}
    done = subprocess.run([python, "-I", BOOTSTRAP], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ci-publish ")
    (target,) = (tool_cache / "ci-publish").iterdir()
    return target


def assert_complete(target: Path) -> None:
    assert {"click", "git", "httpx", "isal", "rich", "semver", "tenacity", "yaml", "zstandard"} <= {
        path.name for path in target.iterdir()
    }
    # compiling all of it would take longer than installing it; what runs is compiled as it is imported
    assert not (target / "pygments" / "__pycache__").exists()


def test_pip_installs_the_locked_set(tmp_path: Path) -> None:
    pip = require_program("pip3", "apt-get install python3-pip")
    # a shim beside pip would put more on PATH than we do, such as a uv, which would be taken
    ask = [str(pip.with_name("python3")), "-c", "import sys; print(sys.executable)"]
    python = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    assert_complete(install(python, tmp_path, path=os.defpath))


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is used where it is, and needed nowhere")
def test_uv_installs_the_same(tmp_path: Path) -> None:
    assert_complete(install(sys.executable, tmp_path, path=os.environ["PATH"]))
