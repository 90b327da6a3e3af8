"""A checkout of the action in a scratch folder, with a program and an installer that tests can watch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# Stands in for ci_publish: says what it got, and ends as it is told.
PROGRAM = """
import json, os, sys
import installed
print(json.dumps({"argv": sys.argv, "installed": installed.__file__, "modules": sorted(sys.modules)}))
sys.exit(int(os.environ.get("EXIT_CODE", "0")))
"""

# Stands in for uv: one module in the target folder, a line in a log. INSTALLER says how it misbehaves.
INSTALLER = """#!/bin/sh
[ "$1" = --version ] && exit 0
for last; do :; done
echo "$*" >> "$LOG"
env >> "$LOG.env"
[ "$INSTALLER" = fails ] && exit 1
echo > "$last/half.py"
[ "$INSTALLER" = hangs ] && { echo > "$LOG.hangs"; sleep 60; }
[ "$INSTALLER" = slow ] && sleep 0.3
echo > "$last/installed.py"
"""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with `action/`, a lock file, a stand-in program, and a PATH whose `uv` is a stand-in too."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Checkout:
        shutil.copytree(ROOT / "action", path / "action")
        files = {
            "ci_publish/__init__.py": "",
            "ci_publish/__main__.py": PROGRAM,
            "requirements.lock": "",
            "bin/uv": INSTALLER,
        }
        for name, text in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text, encoding="utf-8")
        (path / "bin" / "uv").chmod(0o755)
        (path / "cache").mkdir()
        return cls(path)

    @property
    def kept(self) -> list[Path]:
        """What the tool cache holds for us, finished or not."""
        return sorted((self.path / "cache" / "ci-publish").glob("*"))

    @property
    def installs(self) -> list[str]:
        """The installer's command lines so far."""
        log = self.path / "log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def environment(self, **variables: str) -> dict[str, str]:
        """What a runner gives a step, as far as it matters here."""
        return {
            "PATH": f"{self.path / 'bin'}:{os.defpath}",
            "RUNNER_TOOL_CACHE": str(self.path / "cache"),
            "LOG": str(self.path / "log"),
            **variables,
        }

    def start(self, **variables: str) -> subprocess.Popen[str]:
        """The bootstrap, running."""
        return subprocess.Popen(
            [sys.executable, "-I", self.path / "action" / "bootstrap.py"],
            env=self.environment(**variables),
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """The bootstrap, run to its end."""
        with self.start(**variables) as process:
            output, errors = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)
