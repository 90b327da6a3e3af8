"""The list inputs of docker/metadata-action: CSV, with comments, read twice.

The action runs each input through csv-parse as a whole, with stray quotes allowed, joins the fields of each line
again with a bare comma, and later reads each line once more, strictly. So one pair of quotes protects a line
break but no comma, and this is what users' workflows are written against.
"""

from __future__ import annotations

import re

from ci_publish.errors import UsageError

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


def entries(text: str) -> tuple[str, ...]:
    """The entries of an input, without comments and blank lines; what `fields` takes apart.

    Args:
        text: the whole input; `#` as the first character of a line starts a comment.

    Raises:
        UsageError: a quote is not closed.
    """
    rows = _rows(text.strip(), strict=False)
    joined = (",".join(row).strip() for row in rows)
    return tuple(entry for entry in joined if entry)


def fields(entry: str) -> tuple[str, ...]:
    """The comma-separated fields of one entry.

    Raises:
        UsageError: a quote stands in the middle of a field, or is not closed.
    """
    rows = _rows(entry, strict=True)
    return tuple(rows[0]) if rows else ()


def _rows(text: str, *, strict: bool) -> list[list[str]]:
    # the first line break decides what one is
    found = _LINE_BREAK.search(text)
    line_break = re.escape(found[0]) if found else r"\n"
    # no possessive quantifiers: Python before 3.11.5 matches them wrongly (python/cpython issue 106052)
    field = re.compile(rf'(?s)(?:"(?P<quoted>[^"]*(?:""[^"]*)*)"(?!"))?(?P<plain>.*?)(?P<end>,|{line_break}|\Z)')
    comment = re.compile(rf"(?s)#.*?(?:{line_break}|\Z)")
    rows: list[list[str]] = []
    row: list[str] = []
    at = 0
    while at < len(text) or row:
        if not strict and not row and (skipped := comment.match(text, at)):
            at = skipped.end()
            continue
        match = field.match(text, at)
        assert match is not None  # noqa: S101 - every part of the pattern may be empty, and \Z ends it
        at = match.end()
        ends_row = match["end"] != ","
        if row or not ends_row or match[0] != match["end"]:
            row.append(_field(match, strict=strict))
        if ends_row and row:
            rows.append(row)
            row = []
    return rows


def _field(match: re.Match[str], *, strict: bool) -> str:
    quoted, plain = match["quoted"], match["plain"]
    if quoted is None and plain.startswith('"'):
        raise UsageError(f"a quote is not closed in {match.string[:100]!r}")
    if quoted is not None and not plain:
        return quoted.replace('""', '"')
    text = plain if quoted is None else f'"{quoted.replace(chr(34) * 2, chr(34))}"{plain}'
    if strict and '"' in text:
        raise UsageError(
            f"a quote stands in the middle of {text!r} in {match.string[:100]!r}",
            hint='quotes go around the whole field, as in type=match,"pattern=v(.*)"',
        )
    return text
