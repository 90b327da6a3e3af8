"""The text that version rules look at."""

from __future__ import annotations

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.tags.javascript_pattern import javascript_pattern
from ci_publish.tags.rules.rule import Missed
from ci_publish.tags.scope import event_scope
from ci_publish.tags.template import Template


def version_text(value: str, event: RefEvent) -> str | Missed:
    """What `value` says, or the git tag without it.

    Args:
        value: template; empty for the git tag.
        event: where the tag comes from.

    Raises:
        UsageError: the template is malformed.
    """
    if value:
        return Template.parse(value).render(event_scope(event))
    return event.tag if event.is_tag else Missed(f"{event.ref or 'the event has no ref, which'} is not a git tag")


def matched(text: str, pattern: str) -> tuple[str, str]:
    """The part of the text that `match=` picks, and a notice when it picks none.

    Args:
        text: what to search.
        pattern: a regular expression; its first group is the part, or its whole match without groups. When it does
            not match, the whole text is used, as docker/metadata-action does.

    Raises:
        UsageError: it is no regular expression.
    """
    if not pattern:
        return text, ""
    match = javascript_pattern(pattern).search(text)
    if not match:
        return text, f"match={pattern} does not match {text!r}, so the whole is used"
    return (match[1] if match.re.groups else match[0]) or "", ""


def names_whole_version(names: frozenset[str]) -> bool:
    """Whether a pattern that uses these names gives a text of its own for every release."""
    return bool(names & {"raw", "version"}) or names >= {"major", "minor", "patch"}


def is_raw(pattern: str) -> bool:
    """Whether a pattern is nothing but `{{raw}}`."""
    try:
        return Template.parse(pattern).is_only("raw")
    except UsageError:
        # asked for prereleases, which use no other pattern, so that a malformed one is no matter
        return False
