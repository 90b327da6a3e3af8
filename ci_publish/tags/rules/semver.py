"""`type=semver`: parts of a semantic version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ci_publish.event import RefEvent
from ci_publish.tags.rules.rule import Found, Missed
from ci_publish.tags.rules.version_text import is_raw, matched, names_whole_version, version_text
from ci_publish.tags.template import Scope, Template


@dataclass(frozen=True, slots=True)
class Semver:
    """A version by semver.org, from the git tag; a prerelease gives its full version whatever the pattern.

    Args:
        pattern: template that knows `raw`, `version`, `major`, `minor`, `patch`, `prerelease` and `build`.
        value: template for the version, instead of the git tag.
        match: regular expression that picks the version out of a longer text.
    """

    default_priority: ClassVar[int] = 900

    pattern: str
    value: str = ""
    match: str = ""

    def find(self, event: RefEvent) -> Found | Missed:
        """The pattern's text, when there is a valid version."""
        text = version_text(self.value, event)
        if isinstance(text, Missed):
            return text
        text, notice = matched(text, self.match)
        scope = _scope(text.replace("/", "-").strip())
        if scope is None:
            return Missed(f"{text!r} is not a semantic version" + (f", and {notice}" if notice else ""))
        if scope["prerelease"]:
            return Found(scope["raw" if is_raw(self.pattern) else "version"], moving=False, notice=notice)
        pattern = Template.parse(self.pattern)
        moving = not names_whole_version(pattern.names)
        return Found(pattern.render(scope), moving=moving, is_release=True, notice=notice)


def _scope(text: str) -> Scope | None:
    # costs 20 ms, so it is imported only where there is a version
    import semver  # noqa: PLC0415

    try:
        version = semver.Version.parse(text.removeprefix("v"))
    except ValueError:
        return None
    return {
        "raw": text,
        "version": str(version.replace(build=None)),
        "major": version.major,
        "minor": version.minor,
        "patch": version.patch,
        "prerelease": version.prerelease.split(".") if version.prerelease else [],
        "build": version.build.split(".") if version.build else [],
    }
