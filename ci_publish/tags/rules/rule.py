"""What every tag rule is: options as fields, and one question it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from ci_publish.event import RefEvent


@dataclass(frozen=True, slots=True)
class Found:
    """The text of a tag, before prefix and suffix are put around it.

    Args:
        value: the text; an empty one gives no tag.
        moving: whether later publications are expected to move the tag.
        is_release: whether `latest` goes with it when the flavor leaves that open.
        prefix: what stands before it when the rule as written says nothing; `None` leaves it to the flavor.
        notice: what a person should know about how it was found.
    """

    value: str
    moving: bool = True
    is_release: bool = False
    prefix: str | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """No tag for this event.

    Args:
        reason: why, in lower case.
    """

    reason: str


class Rule(Protocol):
    """A frozen dataclass of the options that one `type=` has; all of them are texts.

    The options that all rules share (`enable`, `priority`, `prefix`, `suffix`) are not among its fields.
    """

    default_priority: ClassVar[int]

    def find(self, event: RefEvent) -> Found | Missed:
        """What the rule gives for this event.

        Raises:
            UsageError: an option turns out to be malformed.
        """
