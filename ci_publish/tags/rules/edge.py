"""`type=edge`: the newest state of the default branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.event import RefEvent
from ci_publish.tags.rules.rule import Found, Missed


@dataclass(frozen=True, slots=True)
class Edge:
    """The tag `edge` for one branch.

    Args:
        branch: the branch; the repository's default branch when empty.
    """

    default_priority: ClassVar[int] = 700

    branch: str = ""

    def find(self, event: RefEvent) -> Found | Missed:
        """`edge`, when this branch is built."""
        branch = self.branch or event.repository.default_branch
        if not branch:
            return Missed("the default branch is unknown")
        if event.branch != branch:
            return Missed(f"{event.ref or 'the event has no ref, which'} is not the branch {branch}")
        return Found("edge")
