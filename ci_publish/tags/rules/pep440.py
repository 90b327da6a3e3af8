"""`type=pep440`: parts of a Python version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.event import RefEvent
from ci_publish.tags.rules.rule import Found, Missed
from ci_publish.tags.rules.version_text import is_raw, matched, names_whole_version, version_text
from ci_publish.tags.template import Template


@dataclass(frozen=True, slots=True)
class Pep440:
    """A version by PEP 440, from the git tag; pre-, post- and development releases give their full version.

    Args:
        pattern: template that knows `raw`, `version`, `major`, `minor` and `patch`.
        value: template for the version, instead of the git tag.
        match: regular expression that picks the version out of a longer text.
    """

    default_priority: ClassVar[int] = 900

    pattern: str
    value: str = ""
    match: str = ""

    def find(self, event: RefEvent) -> Found | Missed:
        """The pattern's text, when there is a valid version."""
        # costs 20 ms, so it is imported only where there may be a version
        from packaging.version import InvalidVersion, Version  # noqa: PLC0415

        text = version_text(self.value, event)
        if isinstance(text, Missed):
            return text
        text, notice = matched(text, self.match)
        raw = text.replace("/", "-")
        try:
            version = Version(raw)
        except InvalidVersion:
            return Missed(f"{text!r} is not a version by PEP 440" + (f", and {notice}" if notice else ""))
        if version.is_prerelease or version.is_postrelease:
            return Found(raw if is_raw(self.pattern) else str(version), moving=False, notice=notice)
        pattern = Template.parse(self.pattern)
        scope = {
            "raw": raw,
            "version": str(version),
            "major": version.major,
            "minor": version.minor,
            "patch": version.micro,
        }
        moving = not names_whole_version(pattern.names)
        return Found(pattern.render(scope), moving=moving, is_release=True, notice=notice)
