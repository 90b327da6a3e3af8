from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "action" / "find-python.sh"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder for PATH that holds what the script itself needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "tr"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def find(path: Path, tool_cache: Path | str = "") -> str:
    environment = {"PATH": str(path), "RUNNER_TOOL_CACHE": str(tool_cache)}
    done = subprocess.run(["sh", SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == bool(done.stdout)
    return done.stdout.strip()


def place(python: Path, *, works: bool = True) -> str:
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "$@"\n' if works else "#!/bin/sh\nexit 1\n", encoding="utf-8"
    )
    python.chmod(0o755)
    return str(python)


def test_python3_on_path_comes_first(path: Path) -> None:
    place(path / "python3.13")
    first = place(path / "python3")
    assert find(path) == first


def test_an_old_or_broken_python_is_passed_over(path: Path) -> None:
    place(path / "python3", works=False)
    working = place(path / "python3.12")
    assert find(path) == working


def test_the_tool_cache_serves_when_path_has_none(path: Path, tmp_path: Path) -> None:
    place(path / "python3", works=False)
    cache = tmp_path / "tool cache"
    place(cache / "Python" / "3.10.1" / "x64" / "bin" / "python3", works=False)
    working = place(cache / "Python" / "3.12.4" / "x64" / "bin" / "python3")
    assert find(path, cache) == working


def test_windows_keeps_its_python_elsewhere_in_the_cache(path: Path, tmp_path: Path) -> None:
    python = place(tmp_path / "cache" / "Python" / "3.13.0" / "x64" / "python.exe")
    assert find(path, str(tmp_path / "cache").replace("/", "\\")) == python


def test_there_may_be_none(path: Path) -> None:
    assert find(path) == ""


def test_start_says_how_to_get_one(path: Path) -> None:
    for name in ("bash", "dirname"):
        (path / name).symlink_to(shutil.which(name, path=os.defpath) or name)
    environment = {"PATH": str(path), "RUNNER_TOOL_CACHE": ""}
    script = SCRIPT.with_name("start.sh")
    done = subprocess.run(["bash", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=ci-publish::no Python >= 3.11 on this runner%0Ahint: ")
    assert done.stdout.count("\n") == 1
    assert "\n      - uses: actions/setup-python@" in done.stderr
