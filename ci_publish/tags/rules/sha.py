"""`type=sha`: the commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.tags.rules.rule import Found, Missed


@dataclass(frozen=True, slots=True)
class Sha:
    """The commit's SHA, with `sha-` before it.

    Args:
        format: `short` or `long`.
    """

    default_priority: ClassVar[int] = 100

    format: str = "short"

    def __post_init__(self) -> None:
        if self.format not in {"short", "long"}:
            raise UsageError("format is short or long")

    def find(self, event: RefEvent) -> Found | Missed:
        """The SHA, when it is known."""
        if not event.sha:
            return Missed("the event has no commit")
        return Found(event.sha if self.format == "long" else event.short_sha, moving=False, prefix="sha-")
