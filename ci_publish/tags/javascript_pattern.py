"""Regular expressions as JavaScript reads them, for `match=` and `pattern=`.

Python's syntax is nearly the same; what differs is translated, and what only Python knows is refused, so that a
rule never means something else here than in docker/metadata-action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ci_publish.errors import UsageError

_FLAGS: Mapping[str, re.RegexFlag] = {
    "i": re.IGNORECASE,
    "m": re.MULTILINE,
    "s": re.DOTALL,
    # these change nothing for a match from the start of a short text
    "d": re.NOFLAG,
    "g": re.NOFLAG,
    "u": re.NOFLAG,
    "v": re.NOFLAG,
}
_MAX_LENGTH = 1000

_PIECE = re.compile(
    r"(?P<named>\(\?<(?![=!]))|(?P<group>\(\?)|(?P<reference>\\k<\w+>)|(?P<escape>\\.)|(?P<class>\[\^?)|"
    r"(?P<repeat>\{\d+(?:,\d*)?\}|[*+?])(?P<possessive>\+?)|(?P<brace>\{)|(?P<end>\$)|(?P<other>.)",
    re.DOTALL,
)
_GROUPS = (":", "=", "!", "<=", "<!")
# An escaped letter that is special in JavaScript and the same in Python; any other one stands for itself.
_ESCAPES = frozenset("bBdDfnrsStvwWxu0123456789")


def javascript_pattern(text: str, flags: str = "") -> re.Pattern[str]:
    """The pattern that JavaScript's `new RegExp(text, flags)` would be.

    Args:
        text: without slashes around it.
        flags: letters; `y` is not understood.

    Raises:
        UsageError: it is malformed, too long, or needs what Python cannot do.
    """
    unknown = sorted(set(flags) - _FLAGS.keys())
    if unknown or len(set(flags)) != len(flags):
        raise UsageError(f"{flags!r} are not the flags of a regular expression", hint="known are g, i, m, s and u")
    if len(text) > _MAX_LENGTH:
        raise UsageError(f"a regular expression is longer than {_MAX_LENGTH} characters")
    combined = re.ASCII
    for flag in flags:
        combined |= _FLAGS[flag]
    try:
        return re.compile(_translated(text, is_multiline="m" in flags), combined)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{text!r} is not a regular expression: {error}") from None


def _translated(text: str, *, is_multiline: bool) -> str:
    pieces = []
    at = 0
    while match := _PIECE.match(text, at):
        at = match.end()
        if match["class"]:
            piece, at = _class(text, match["class"], at)
        else:
            piece = _outside_class(match, text, is_multiline=is_multiline)
        pieces.append(piece)
    return "".join(pieces)


def _outside_class(match: re.Match[str], text: str, *, is_multiline: bool) -> str:
    if match["group"] and not text.startswith(_GROUPS, match.end()):
        raise UsageError(f"{text!r} is not a regular expression: unknown kind of group at {match.start() + 1}")
    if match["possessive"]:
        raise UsageError(f"{text!r} is not a regular expression: nothing to repeat at {match.end()}")
    match match.lastgroup:
        case "named":
            return "(?P<"
        case "reference":
            return f"(?P={match['reference'][3:-1]})"
        case "escape":
            return _escape(match["escape"])
        case "brace":
            # one that starts no count stands for itself; Python reads `{,3}` as a count
            return r"\{"
        case "end":
            # Python's `$` also matches before a line break at the end
            return "$" if is_multiline else r"\Z"
        case _:
            return match[0]


def _escape(escape: str) -> str:
    letter = escape[1]
    if letter.isascii() and letter.isalnum() and letter not in _ESCAPES:
        return letter
    return escape


def _class(text: str, opening: str, at: int) -> tuple[str, int]:
    """The character class that starts before `at`, and where it ends."""
    if text.startswith("]", at):
        # `[]` matches nothing and `[^]` anything
        return (r"[\s\S]" if opening == "[^" else "(?!)"), at + 1
    pieces = [opening]
    while at < len(text) and text[at] != "]":
        if text[at] == "\\" and at + 1 < len(text):
            pieces.append(_escape(text[at : at + 2]))
            at += 2
            continue
        # Python warns where these may once mean set operations
        pieces.append(f"\\{text[at]}" if text[at] in "[&~|" else text[at])
        at += 1
    if at == len(text):
        raise UsageError(f"{text!r} is not a regular expression: a [ is not closed")
    return "".join([*pieces, "]"]), at + 1
