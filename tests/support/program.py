"""The program as its users start it: a process with an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Program:
    """`ci-publish` in a folder, with nothing in its environment but what a test gives it.

    Args:
        folder: its working directory, and its home.
    """

    folder: Path

    def run(self, *arguments: str | Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end; warnings of Python are errors."""
        # what Python and TLS need of the machine, and nothing that could decide a result
        inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "ci_publish", *map(str, arguments)],
            cwd=self.folder,
            env=inherited | {"PYTHONPATH": str(ROOT), "HOME": str(self.folder), "PYTHONUTF8": "1"} | environ,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def json(self, *arguments: str | Path, **environ: str) -> dict[str, Any]:
        """The JSON it prints when all goes well."""
        result = self.run(*arguments, "--format", "json", **environ)
        assert result.returncode == 0, result.stderr
        document: dict[str, Any] = json.loads(result.stdout)
        return document
