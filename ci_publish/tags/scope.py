"""The names that templates know about an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.tags.dates import format_date
from ci_publish.tags.template import Helper, Scope, Value


def event_scope(event: RefEvent) -> Scope:
    """All names: in values, prefixes, suffixes, conditions, labels and annotations."""
    return {
        "branch": event.branch,
        "tag": event.tag,
        "sha": event.short_sha,
        "base_ref": event.base_ref,
        "is_default_branch": "true" if event.on_default_branch else "false",
        "is_not_default_branch": "false" if event.on_default_branch else "true",
        **date_scope(event),
    }


def date_scope(event: RefEvent) -> Scope:
    """The dates alone: in the pattern of `schedule`."""
    return {"date": _date_helper(event.now), "commit_date": _date_helper(event.commit_date or event.now)}


def _date_helper(time: datetime) -> Helper:
    def show(arguments: Sequence[Value], options: Mapping[str, Value]) -> str:
        if not arguments:
            raise UsageError("date needs a format", hint="as in {{date 'YYYYMMDD'}}")
        unknown = options.keys() - {"tz"}
        if unknown:
            raise UsageError(f"date has no option {min(unknown)!r}", hint="its one option is tz='Europe/Paris'")
        return format_date(time, str(arguments[0] or ""), str(options.get("tz", "UTC") or ""))

    return show
