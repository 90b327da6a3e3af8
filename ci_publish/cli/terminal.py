"""What a command prints: its result to stdout, everything for people to stderr."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, Literal, Self


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
            text = json.dumps(document, indent=2, ensure_ascii=False)
        if text:
            print(text, flush=True)

    def note(self, text: str) -> None:
        """Tell a person what happens."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def detail(self, text: str) -> None:
        """Tell it only to those who asked with `-v`."""
        if self.verbose:
            print(text, file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Tell a person what may not be what they want; never silenced."""
        print(f"warning: {text}", file=sys.stderr, flush=True)
