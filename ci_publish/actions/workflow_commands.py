"""GitHub's workflow commands, which annotate a run, mask a secret or fold log lines."""

from __future__ import annotations

import re
from typing import Literal

# The runner cuts longer messages (actions/runner, ExecutionContext.cs).
MAX_MESSAGE = 4096
# What the runner takes for a command: `::` as the first characters of a line but for blanks, and the older `##[`
# anywhere in it (actions/runner, ActionCommand.cs). It compares text as people read it, so that characters without a
# width may stand in between; and it ends lines at a carriage return too.
_COMMAND = re.compile(r"(?<![^\r\n])[^\x21-\x7e\r\n]*:[^\x20-\x7e\r\n]*:|#[^\x20-\x7e\r\n]*#[^\x20-\x7e\r\n]*\[")


def annotation(
    level: Literal["error", "warning", "notice"],
    message: str,
    *,
    file: str = "",
    line: int = 0,
    column: int = 0,
    title: str = "",
) -> str:
    """The line that makes the runner show a message on the run's page, and on a line of a file when one is named.

    Args:
        level: how it is shown.
        message: may have several lines.
        file: path relative to the repository's root.
        line: from 1; 0 for none.
        column: from 1; 0 for none.
        title: shown above the message.
    """
    places = {"file": file, "line": str(line or ""), "col": str(column or ""), "title": title}
    properties = ",".join(f"{name}={_escape_property(value)}" for name, value in places.items() if value)
    head = f"{level} {properties}" if properties else level
    return f"::{head}::{_escape(message[:MAX_MESSAGE])}"


def without_commands(text: str) -> str:
    """Text of others that the runner just shows: a backslash stands in each of its commands.

    Without it, a branch, a file name or a registry's message could set outputs, or end the masking of secrets.
    """
    return _COMMAND.sub(lambda match: f"{match[0][:-1]}\\{match[0][-1]}", text)


def mask(secret: str) -> str:
    """The line that makes the runner replace this secret by `***` in all later log lines."""
    return f"::add-mask::{_escape(secret)}"


def group(title: str) -> str:
    """The line that makes the runner fold all log lines up to `END_GROUP` under a title."""
    return f"::group::{_escape(title)}"


END_GROUP = "::endgroup::"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
