"""The flavor: what happens to all tags at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from ci_publish.errors import UsageError
from ci_publish.tags.csv_lines import entries, fields

Latest = Literal["auto", "true", "false"]


@dataclass(frozen=True, slots=True)
class Flavor:
    """The `flavor` input.

    Args:
        latest: whether there is a tag `latest`; with `auto` the first rule that gives a tag decides.
        prefix: template put before every tag whose rule has no prefix of its own.
        suffix: template put behind every tag whose rule has no suffix of its own.
        prefix_on_latest: whether `latest` gets the prefix, as plain text.
        suffix_on_latest: whether `latest` gets the suffix, as plain text.
    """

    latest: Latest = "auto"
    prefix: str = ""
    suffix: str = ""
    prefix_on_latest: bool = False
    suffix_on_latest: bool = False

    @property
    def latest_tag(self) -> str:
        """The text of the tag `latest` with what goes around it."""
        prefix = self.prefix if self.prefix_on_latest else ""
        suffix = self.suffix if self.suffix_on_latest else ""
        return f"{prefix}latest{suffix}"


def parse_flavor(text: str) -> Flavor:
    """The flavor in this input; later entries win.

    Raises:
        UsageError: an attribute is unknown, has no value or a wrong one.
    """
    flavor = Flavor()
    for entry in entries(text):
        last_affix = ""
        for field in fields(entry):
            key, value = _attribute(field, entry)
            flavor = _with(flavor, key, value, last_affix=last_affix, entry=entry)
            last_affix = key if key in {"prefix", "suffix"} else last_affix
    return flavor


def _attribute(field: str, entry: str) -> tuple[str, str]:
    key, equals, rest = field.partition("=")
    if not equals:
        raise UsageError(f"flavor {entry!r}: {field!r} has no value", hint="such as latest=auto or suffix=-alpine")
    # like docker/metadata-action, which drops what stands behind a second `=`
    return key.strip().lower(), rest.partition("=")[0].strip()


def _with(flavor: Flavor, key: str, value: str, *, last_affix: str, entry: str) -> Flavor:
    match key:
        case "latest":
            for known in get_args(Latest):
                if value == known:
                    return replace(flavor, latest=known)
            raise UsageError(f"flavor {entry!r}: latest is auto, true or false")
        case "prefix":
            return replace(flavor, prefix=value)
        case "suffix":
            return replace(flavor, suffix=value)
        case "onlatest":
            if value not in {"true", "false"}:
                raise UsageError(f"flavor {entry!r}: onlatest is true or false")
            on_latest = value == "true"
            if last_affix == "prefix":
                return replace(flavor, prefix_on_latest=on_latest)
            return replace(flavor, suffix_on_latest=on_latest) if last_affix else flavor
    raise UsageError(f"flavor {entry!r}: there is no {key!r}", hint="known are latest, prefix, suffix and onlatest")
