"""What a registry says of its own error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MAX_TEXT = 300
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
# Servers echo what they were sent: tokens, Authorization headers, signed queries.
_SECRETS = re.compile(
    r"(?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}|\bgh[a-z]_\w{8,}|\bgithub_pat_\w+|\beyJ[\w.=-]{8,}"
    r"|(?P<query>\?)[^\s\"']*=[^\s\"']*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The body of an error, parsed.

    Args:
        codes: error codes, in upper case.
        text: what it says, in one line without secrets; empty when it says nothing a person could read.
        is_page: whether it is a web page, so that no registry wrote it.

    Source: distribution-spec, "Error Codes"; RFC 6749 §5.2 for token services.
    """

    codes: tuple[str, ...] = ()
    text: str = ""
    is_page: bool = False

    @classmethod
    def parse(cls, data: bytes, content_type: str = "") -> ErrorBody:
        """What can be read from these bytes, whatever they are."""
        text = data.decode("utf-8", "replace").strip()
        if "html" in content_type.lower() or text[:1] == "<":
            return cls(is_page=True)
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return cls(text=clean(text))
        items = list(_items(document))
        return cls(
            codes=tuple(dict.fromkeys(code for code, _ in items if code)),
            text=clean("; ".join(dict.fromkeys(text for _, text in items if text))),
        )


def clean(text: str) -> str:
    """The text in one printable line of bounded length, without what looks like a secret."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _MAX_TEXT]).split())
    line = _SECRETS.sub(lambda match: (match["scheme"] or match["query"] or "") + "***", line)
    return line if len(line) <= _MAX_TEXT else line[:_MAX_TEXT] + "…"


def _items(document: Any) -> Iterator[tuple[str, str]]:
    """Each error's code and text."""
    if not isinstance(document, dict):
        return
    errors = document.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict):
            yield _code(error.get("code")), _text(error)
    # token services: RFC 6749, Docker Hub, GitHub
    for key in ("error", "error_description", "details", "message"):
        if isinstance(document.get(key), str):
            yield "", document[key]


def _code(value: Any) -> str:
    code = value.upper() if isinstance(value, str) else ""
    return code if _CODE.fullmatch(code) else ""


def _text(error: dict[str, Any]) -> str:
    message, detail = error.get("message"), error.get("detail")
    parts = [error.get("code"), message]
    # the detail of other errors repeats the request
    if str(error.get("code")).startswith(("MANIFEST", "DIGEST", "SIZE")) and detail:
        parts.append(detail if isinstance(detail, str) else json.dumps(detail))
    return ": ".join(part for part in parts if isinstance(part, str) and part)
