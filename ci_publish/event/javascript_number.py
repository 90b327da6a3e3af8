"""How JavaScript reads a number, which the environment and the rules of docker/metadata-action rely on."""

from __future__ import annotations

import math
import re

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PREFIXED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_INFINITY = re.compile(r"[+-]?Infinity")


def number(text: str) -> float:
    """The value of `Number(text)`: 0 for blanks, not-a-number for what is none.

    Source: ECMAScript, "StringToNumber".
    """
    text = text.strip()
    if not text:
        return 0.0
    if _PREFIXED.fullmatch(text):
        # beyond this many digits a float is infinite anyway
        return float(int(text, 0)) if len(text) < 200 else math.inf
    if _DECIMAL.fullmatch(text) or _INFINITY.fullmatch(text):
        return float(text)
    return math.nan
