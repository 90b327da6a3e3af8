"""A place in a text that names an image."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A reference as it stands in a text.

    Args:
        start: index of its first character in the text, quotes excluded.
        end: index after its last character.
        text: what it says.
        obstacle: why its characters cannot simply be replaced; empty when they can.
    """

    start: int
    end: int
    text: str
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A file format that is read by a function of its own.

    Args:
        name: what people call it.
        files: lower-case patterns of file names.
        find: yields the references in a text; it takes every text.
    """

    name: str
    files: tuple[str, ...]
    find: Callable[[str], Iterator[Site]]


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both from 1, as editors count them."""
    return locator(text)(index)


def locator(text: str) -> Callable[[int], tuple[int, int]]:
    """`position` in this text, for many characters: it is read once."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def locate(index: int) -> tuple[int, int]:
        line = bisect_right(starts, index)
        return line, index - starts[line - 1] + 1

    return locate
