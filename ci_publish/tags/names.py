"""Names that a registry takes as tags."""

from __future__ import annotations

import re

from ci_publish.errors import UsageError
from ci_publish.oci.reference import TAG_HINT, is_tag

_FORBIDDEN = re.compile(r"[^a-zA-Z0-9._-]+")
_FULL_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:[-+.].*)?", re.ASCII)

_HINT = f"{TAG_HINT};\nan expression of the rule may be empty for this event: enable=… leaves a rule out"


def tag_name(text: str, rule: str) -> str:
    """The tag for this text: each run of characters that a tag cannot have becomes one `-`.

    Args:
        text: what a rule gave, not empty.
        rule: the rule as written, for the message.

    Raises:
        UsageError: it is still no tag; dropping or cutting more could give another one's name.
    """
    name = _FORBIDDEN.sub("-", text)
    if not is_tag(name):
        shown = name if len(name) < 60 else f"{name[:60]}… ({len(name)} characters)"
        raise UsageError(f"the rule {rule!r} gives {shown!r}, which is not a tag", hint=_HINT)
    return name


def names_full_version(text: str) -> bool:
    """Whether this text names one release, as `v1.2.3` or `1.2.3-rc.1`, so that its tag never moves."""
    return _FULL_VERSION.fullmatch(text) is not None
