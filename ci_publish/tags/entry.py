"""The lines of the `tags` input."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields

from ci_publish.errors import UsageError
from ci_publish.event.javascript_number import number
from ci_publish.tags import csv_lines
from ci_publish.tags.rules import RULES, Rule

DEFAULT_RULES = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr"

_SHARED = frozenset({"enable", "priority", "prefix", "suffix"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the `tags` input.

    Args:
        text: as written.
        rule: what finds the tag.
        priority: entries with a higher one come first.
        enable: template; the entry counts when it gives `true`.
        prefix: template; `None` leaves it to the rule and the flavor.
        suffix: template; `None` leaves it to the flavor.
        unknown: attributes that this kind of rule doesn't have; they change nothing.
    """

    text: str
    rule: Rule
    priority: float
    enable: str
    prefix: str | None
    suffix: str | None
    unknown: tuple[str, ...]


def parse_entries(text: str) -> tuple[Entry, ...]:
    """The entries of a `tags` input by falling priority; `DEFAULT_RULES` when it holds none.

    Raises:
        UsageError: an entry's type is unknown, or an attribute is missing or wrong.
    """
    lines = csv_lines.entries(text) or csv_lines.entries(DEFAULT_RULES)
    return tuple(sorted(map(_parse, lines), key=lambda entry: -entry.priority))


def _parse(line: str) -> Entry:
    attributes = _attributes(line)
    kind = attributes.pop("type", "raw")
    if kind not in RULES:
        raise UsageError(f"rule {line!r}: there is no type {kind!r}", hint=f"known are {', '.join(RULES)}")
    own = {option.name for option in _options(kind)}
    return Entry(
        text=line,
        rule=_rule(line, kind, {name: value for name, value in attributes.items() if name in own}),
        priority=_priority(attributes.get("priority"), RULES[kind].default_priority),
        enable=attributes.get("enable", "true"),
        prefix=attributes.get("prefix"),
        suffix=attributes.get("suffix"),
        unknown=tuple(name for name in attributes if name not in own | _SHARED),
    )


def _attributes(line: str) -> dict[str, str]:
    attributes = {}
    for field in csv_lines.fields(line):
        key, equals, value = field.partition("=")
        # a field that is no attribute is the value, also `=x`; the last one wins
        name, text = (key.strip().lower(), value) if equals and key else ("value", field)
        attributes[name] = text.strip()
    return attributes


def _options(kind: str) -> tuple[Field[str], ...]:
    return fields(RULES[kind])  # type: ignore[arg-type] # a protocol cannot demand a dataclass


def _rule(line: str, kind: str, options: Mapping[str, str]) -> Rule:
    for option in _options(kind):
        if option.default is MISSING and option.name not in options:
            raise UsageError(f"rule {line!r}: {option.name}= is missing")
    try:
        return RULES[kind](**options)
    except UsageError as error:
        raise UsageError(f"rule {line!r}: {error.message}", hint=error.hint) from None


def _priority(text: str | None, default: int) -> float:
    """The priority in this text; the default without one and for what is no number."""
    value = math.nan if text is None else number(text)
    return default if math.isnan(value) else value
