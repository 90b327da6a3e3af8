"""What a command prints: its result to stdout, everything for people to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from ci_publish.actions.workflow_commands import mask, without_commands


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where and how much a command may print."""

    output_format: Literal["text", "json"] = "text"
    quiet: bool = False
    verbose: bool = False

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Self:
        """The terminal that `output_options` asked for; they are taken out of `options`."""
        return cls(options.pop("output_format"), options.pop("quiet"), options.pop("verbose"))

    def result(self, text: str, document: Any) -> None:
        """Print the command's result: `text`, or `document` as JSON when that was asked for."""
        if self.output_format == "json":
            print_json(document, indent=2)
        elif text and sys.stdout.isatty():
            print(_shown(text), flush=True)
        elif text:
            # whoever reads this wants it as it is, except GitHub's runner, which would act on it
            print(without_commands(text) if is_in_workflow(os.environ) else text, flush=True)

    def note(self, text: str) -> None:
        """Tell a person what happens."""
        if not self.quiet:
            tell(text)

    def detail(self, text: str) -> None:
        """Tell it only to those who asked with `-v`."""
        if self.verbose:
            tell(text)

    def warn(self, text: str) -> None:
        """Tell a person what may not be what they want; never silenced."""
        tell(f"warning: {text}")


def tell(text: str) -> None:
    """Print text of anyone to stderr, for people: nothing in it has an effect on a terminal or on GitHub's runner."""
    print(_shown(text), file=sys.stderr, flush=True)


def print_json(document: Any, *, indent: int | None = None) -> None:
    """Print a document to stdout, in one line without `indent`; as harmless as what `tell` prints."""
    # `##[` can stand in strings only, where a character may be written as its number
    print(json.dumps(document, indent=indent).replace("##[", r"#\u0023["), flush=True)


def hide(secrets: Iterable[str]) -> None:
    """Have GitHub's runner show these as `***` from now on; nothing where there is no runner."""
    if is_in_workflow(os.environ):
        for secret in filter(str.strip, secrets):
            print(mask(secret), file=sys.stderr, flush=True)


def is_in_workflow(environ: Mapping[str, str]) -> bool:
    """Whether GitHub's runner reads what is printed."""
    return environ.get("GITHUB_ACTIONS") == "true"


def _shown(text: str) -> str:
    # control characters, and those that are not seen or turn the direction of what follows
    visible = "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)
    return without_commands(visible)
