"""The further pages of an answer that came in parts."""

from __future__ import annotations

import re
from collections.abc import Iterable

# RFC 8288 §3: the target in angle brackets, then parameters.
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_NEXT = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?next(?:\s[^\"]*)?\"|next(?=\s*(?:;|\Z)))", re.IGNORECASE)


def next_page(headers: Iterable[str]) -> str | None:
    """The target of the first link to a next page in these `Link` headers; `None` on the last page."""
    for value in headers:
        for target, parameters in _LINK.findall(value):
            if _NEXT.search(parameters):
                return str(target)
    return None
