"""`type=match`: a part of the git tag, by regular expression."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import ClassVar

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.event.javascript_number import number
from ci_publish.tags.javascript_pattern import javascript_pattern
from ci_publish.tags.names import names_full_version
from ci_publish.tags.rules.rule import Found, Missed
from ci_publish.tags.rules.version_text import version_text

_WITH_SLASHES = re.compile(r"/(?P<pattern>.+)/(?P<flags>.*)")


@dataclass(frozen=True, slots=True)
class Match:
    """What a regular expression finds in the git tag.

    Args:
        pattern: in JavaScript's syntax, alone or as `/pattern/flags`; with the flag `g`, groups are its matches.
        group: number of the group to use; 0 is the whole match.
        value: template for the text to search, instead of the git tag.
    """

    default_priority: ClassVar[int] = 800

    pattern: str
    group: str = "0"
    value: str = ""

    def __post_init__(self) -> None:
        if math.isnan(number(self.group)):
            raise UsageError("group is a number")

    def find(self, event: RefEvent) -> Found | Missed:
        """The group's text, when the pattern matches."""
        text = version_text(self.value, event)
        if isinstance(text, Missed):
            return text
        groups = self._groups(text)
        if not groups:
            return Missed(f"{self.pattern} does not match {text!r}")
        # as written: `01` and `1.0` name no group
        found = dict(enumerate(groups)).get(int(self.group)) if re.fullmatch(r"0|[1-9]\d{0,3}", self.group) else None
        if found is None:
            return Missed(f"{self.pattern} has no group {self.group} in {text!r}")
        return Found(found, moving=not names_full_version(found), is_release=True)

    def _groups(self, text: str) -> tuple[str | None, ...]:
        with_slashes = _WITH_SLASHES.fullmatch(self.pattern)
        if not with_slashes:
            match = javascript_pattern(self.pattern).search(text)
            return (match[0], *match.groups()) if match else ()
        pattern = javascript_pattern(with_slashes["pattern"], with_slashes["flags"])
        if "g" in with_slashes["flags"]:
            return tuple(match[0] for match in pattern.finditer(text))
        match = pattern.search(text)
        return (match[0], *match.groups()) if match else ()
