"""What GitHub's runner does with a log, read from actions/runner (ActionCommand.cs, OutputManager.cs)."""

from __future__ import annotations

import re


def commands(log: str) -> list[str]:
    """The lines that the runner takes for commands.

    It is stricter than the runner, which knows a fixed set of commands, and which passes over some of the characters
    that this leaves out.
    """
    lines = re.split(r"\r\n|\r|\n", log)
    return [line for line in lines if _is_command(re.sub(r"[^\x20-\x7e]", "", line))]


def _is_command(line: str) -> bool:
    return line.lstrip(" ").startswith("::") or "##[" in line
