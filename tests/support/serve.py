"""`ci-publish serve` as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Served:
    """A running `serve`, and the line it printed when it was ready."""

    process: subprocess.Popen[str]
    address: str
    url: str
    storage: Path


def start_serve(*options: str) -> subprocess.Popen[str]:
    """The process, which may fail; Python's warnings fail it too."""
    command = [sys.executable, "-W", "error", "-m", "ci_publish", "serve", "--format", "json", *options]
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextmanager
def served(*options: str) -> Iterator[Served]:
    """A `serve` on a free port that ends with the block, if it still runs."""
    with start_serve("--port", "0", *options) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield Served(process, ready["address"], ready["url"], Path(ready["storage"]))
        finally:
            process.terminate()
            try:
                process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
