"""The outputs of a step, which GitHub Actions reads from a file."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from ci_publish.errors import UsageError

# What a workflow can write after `steps.ID.outputs.`
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def write_outputs(path: Path, outputs: Mapping[str, str]) -> None:
    """Append outputs to the file that `GITHUB_OUTPUT` names.

    Args:
        path: the file; it may hold outputs already.
        outputs: name → value; a value may have several lines.

    Raises:
        UsageError: a name is not one that a workflow can use, or the file cannot be written.
    """
    text = "".join(_block(name, value) for name, value in outputs.items())
    try:
        with path.open("a+b") as stream:
            # A line that somebody left open would swallow the first name; an empty line is skipped.
            stream.write(b"\n" * _is_open_line(path) + text.encode(errors="replace"))
    except OSError as error:
        raise UsageError(f"the outputs cannot be written to {path}: {error.strerror or error}") from None


def _block(name: str, value: str) -> str:
    """One output in the form for values of several lines (docs.github.com, "Workflow commands").

    The delimiter is random, so that no value can end early and set an output of its own.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is not a name of an output", hint="use letters, digits, - and _")
    lines = set(re.split(r"\r\n|\r|\n", value))
    delimiter = next(text for text in iter(_random_delimiter, "") if text not in lines)
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _random_delimiter() -> str:
    return f"end-{secrets.token_hex(16)}"


def _is_open_line(path: Path) -> bool:
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        if size == 0:
            return False
        stream.seek(size - 1)
        return stream.read(1) != b"\n"
