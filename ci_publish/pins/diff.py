"""Planned changes as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from ci_publish.pins.plan import FileChange, PinPlan

# What a diff calls a line; `str.splitlines` also breaks at characters that are content here.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def unified_diff(plan: PinPlan) -> str:
    """The changes in the form that `git apply` and `patch -p1` take; empty when there are none."""
    return "".join(line for change in plan.changes for line in _file_diff(change))


def _file_diff(change: FileChange) -> Iterator[str]:
    name = change.path.as_posix().lstrip("/")
    before, after = _LINE.findall(change.before), _LINE.findall(change.after)
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
