"""The parts of a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Of a scope: None, bool, int, float, str, a sequence or mapping of such, or a helper.
Value = Any


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number or constant in an expression."""

    value: Value


@dataclass(frozen=True, slots=True)
class Path:
    """The way to a value: how many contexts up, then by name; `@` reads the loop's data."""

    parts: tuple[str, ...]
    up: int = 0
    is_data: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A value or helper with its arguments and options."""

    path: Path
    arguments: tuple[Expression, ...] = ()
    options: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """`{{#name …}}body{{else}}otherwise{{/name}}`."""

    call: Call
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Expression = Literal | Path | Call
Node = str | Call | Block
