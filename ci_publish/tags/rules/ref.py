"""`type=ref`: the name of the branch, git tag or pull request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.tags.names import names_full_version
from ci_publish.tags.rules.rule import Found, Missed


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of what is built; `pr-` stands before the number of a pull request.

    Args:
        event: which kind of ref to use: `branch`, `tag` or `pr`.
    """

    default_priority: ClassVar[int] = 600

    event: str

    def __post_init__(self) -> None:
        if self.event not in {"branch", "tag", "pr"}:
            raise UsageError("event is branch, tag or pr")

    def find(self, event: RefEvent) -> Found | Missed:
        """The name, when the ref is of the wanted kind; a git tag's comes with `latest`."""
        match self.event:
            case "branch" if event.is_merge_queue:
                return Missed("the branch of a merge queue is temporary")
            case "branch" if event.branch:
                return Found(event.branch)
            case "tag" if event.is_tag:
                return Found(event.tag, moving=not names_full_version(event.tag), is_release=True)
            case "pr" if event.is_pull_request:
                return Found(event.pull_request, prefix="pr-")
        kind = {"branch": "branch", "tag": "git tag", "pr": "pull request"}[self.event]
        return Missed(f"{event.ref or 'the event has no ref, which'} is not a {kind}")
