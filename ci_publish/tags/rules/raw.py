"""`type=raw`: a text of the author's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.event import RefEvent
from ci_publish.tags.rules.rule import Found, Missed
from ci_publish.tags.scope import event_scope
from ci_publish.tags.template import Template


@dataclass(frozen=True, slots=True)
class Raw:
    """A fixed text or a template; what a line without `type=` is.

    Args:
        value: the text, such as `nightly` or `{{branch}}-{{sha}}`.
    """

    default_priority: ClassVar[int] = 200

    value: str

    def find(self, event: RefEvent) -> Found | Missed:
        """The text with its expressions filled in."""
        return Found(Template.parse(self.value).render(event_scope(event)))
