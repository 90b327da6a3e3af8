"""`type=schedule`: runs by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.event import RefEvent
from ci_publish.tags.rules.rule import Found, Missed
from ci_publish.tags.scope import date_scope
from ci_publish.tags.template import Template


@dataclass(frozen=True, slots=True)
class Schedule:
    """A tag for scheduled runs.

    Args:
        pattern: a template that knows `date` and `commit_date`, such as `{{date 'YYYYMMDD'}}`.
    """

    default_priority: ClassVar[int] = 1000

    pattern: str = "nightly"

    def find(self, event: RefEvent) -> Found | Missed:
        """The pattern's text, when the run was scheduled."""
        if "schedule" not in event.kind:
            return Missed(f"{event.kind or 'the event'} is not a schedule")
        return Found(Template.parse(self.pattern).render(date_scope(event)))
