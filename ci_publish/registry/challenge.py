"""What a registry asks for when it answers 401."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# RFC 9110 §5.6.2 (token), §5.6.4 (quoted-string), §11.2 (token68).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|\Z))")
_SPACES = re.compile(r"[ \t]*")
_SEPARATORS = re.compile(r"[ \t,]*")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in which a registry lets itself be convinced.

    Args:
        scheme: such as `basic` or `bearer`, in lower case.
        parameters: their names in lower case; a name given twice keeps its first value.
        token: what some schemes send instead of parameters.
    """

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    token: str = ""


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges in the values of all `WWW-Authenticate` headers of an answer, in their order.

    One value may hold several. What cannot be read ends its value; the challenges before it count.

    Source: RFC 9110 §11.6.1.
    """
    return tuple(challenge for value in headers for challenge in _parse_value(value))


def _parse_value(value: str) -> Iterable[Challenge]:
    position = _skip(_SEPARATORS, value, 0)
    while match := _TOKEN.match(value, position):
        if _EQUALS.match(value, match.end()):
            # a parameter whose value could not be read
            return
        scheme = match.group().lower()
        position = _skip(_SPACES, value, match.end())
        parameters: dict[str, str] = {}
        token = ""
        if found := _parameter(value, position):
            while found:
                name, text, position = found
                parameters.setdefault(name, text)
                position = _skip(_SEPARATORS, value, position)
                found = _parameter(value, position)
        elif match := _TOKEN68.match(value, position):
            token, position = match.group(), match.end()
        yield Challenge(scheme, parameters, token)
        position = _skip(_SEPARATORS, value, position)


def _parameter(value: str, position: int) -> tuple[str, str, int] | None:
    """Name and value of the parameter at this position, with the position after it."""
    name = _TOKEN.match(value, position)
    equals = name and _EQUALS.match(value, name.end())
    if not name or not equals:
        return None
    if quoted := _QUOTED.match(value, equals.end()):
        return name.group().lower(), re.sub(r"\\(.)", r"\1", quoted.group(1), flags=re.DOTALL), quoted.end()
    if token := _TOKEN.match(value, equals.end()):
        return name.group().lower(), token.group(), token.end()
    return None


def _skip(pattern: re.Pattern[str], value: str, position: int) -> int:
    match = pattern.match(value, position)
    return match.end() if match else position
