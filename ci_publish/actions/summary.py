"""The summary of a job, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ci_publish.actions.sizes import format_size
from ci_publish.errors import UsageError
from ci_publish.publish.publication import Publication, PublishedTag

# The runner drops a summary of more than 1 MiB (actions/runner, FileCommandManager.cs).
MAX_SUMMARY: Final = 900 * 1024
# The longest text of others that is shown, in characters.
_MAX_TEXT: Final = 500
# All that could mean something: everything but these characters, and what would become a link.
_MARKUP = re.compile(r"[^\w ,./:=@()…-]|_|www")
_CUT: Final = "\n\n*The summary is cut here: GitHub shows no more.*\n"
_DETAILS: Final = ("<details>", "</details>")


def append_summary(path: Path, markdown: str) -> None:
    """Append to the file that `GITHUB_STEP_SUMMARY` names, cut at a line so that the runner takes it.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        with path.open("ab") as stream:
            stream.write(_fitting(markdown, MAX_SUMMARY - stream.tell()))
    except OSError as error:
        raise UsageError(f"the summary cannot be written to {path}: {error.strerror or error}") from None


def render_summary(
    publications: Sequence[Publication],
    *,
    skips: Sequence[tuple[str, str]] = (),
    blobs: Mapping[str, int] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> str:
    """What was published, as a table with a row for each tag.

    Args:
        publications: what was published.
        skips: tag rules that gave no tag, and why.
        blobs: how many blobs were `uploaded`, `reused`, `mounted`, or `existing` already.
        sizes: their bytes, under the same names.
    """
    blocks = ["### Published", *map(_table, publications)]
    if not publications:
        blocks.append("Nothing.")
    moves = [line for publication in publications for line in _moves(publication)]
    blocks += ["\n".join(moves)] if moves else []
    blocks += [_transfer(blobs, sizes or {})] if blobs else []
    blocks += [_skips(skips)] if skips else []
    return "\n\n".join(blocks) + "\n"


def render_dry_run(plan: str, *, skips: Sequence[tuple[str, str]] = ()) -> str:
    """What a push would do, as the text of its plan.

    Args:
        plan: lines for people.
        skips: tag rules that gave no tag, and why.
    """
    lines = "\n".join(f"    {line}" for line in plan.splitlines())
    blocks = ["### Would be published (dry run)", lines, *([_skips(skips)] if skips else [])]
    return "\n\n".join(blocks) + "\n"


def _table(publication: Publication) -> str:
    platforms = ", ".join(str(image.platform) for image in publication.platforms if image.platform) or "any"
    facts = (
        _code(str(publication.digest)),
        _escape(platforms),
        format_size(publication.size),
        _code(f"docker pull {publication.pinned}"),
    )
    tags = [_code(tag.name) for tag in publication.tags] or ["*by digest only*"]
    rows = [f"| {' | '.join((tag, *facts))} |" for tag in tags]
    head = "| Tag | Digest | Platforms | Size | Pull |\n|---|---|---|---|---|"
    version = f" {_escape(publication.version)}" if publication.version else ""
    return "\n".join((f"**{_escape(str(publication.repository))}**{version}\n", head, *rows))


def _moves(publication: Publication) -> Iterator[str]:
    for tag in publication.tags:
        if tag.previous and tag.previous != publication.digest:
            yield f"- {_tag_name(publication, tag)} moved from {_code(str(tag.previous))}"


def _tag_name(publication: Publication, tag: PublishedTag) -> str:
    return _code(f"{publication.repository}:{tag.name}")


def _transfer(blobs: Mapping[str, int], sizes: Mapping[str, int]) -> str:
    parts = [f"{count} {_escape(what)} ({format_size(sizes.get(what, 0))})" for what, count in blobs.items()]
    return f"Blobs: {', '.join(parts)}."


def _skips(skips: Sequence[tuple[str, str]]) -> str:
    opening, closing = _DETAILS
    lines = [f"- {_code(rule)}: {_escape(reason)}" for rule, reason in skips]
    title = "1 rule gave no tag" if len(skips) == 1 else f"{len(skips)} rules gave no tag"
    return "\n".join((opening, f"<summary>{title}</summary>\n", *lines, f"\n{closing}"))


def _code(text: str) -> str:
    return f"<code>{_escape(text)}</code>"


def _escape(text: str) -> str:
    """Text that Markdown and HTML show as it is, in one line.

    A character that is written as a number is never markup (CommonMark, "Entity and numeric character
    references"): it cannot end a cell, open a tag, or mention anybody.
    """
    short = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
    one_line = " ".join(short.split())
    # control characters, and those that turn the direction of what follows
    visible = "".join(char if char.isprintable() else "\ufffd" for char in one_line)
    return _MARKUP.sub(lambda match: "".join(f"&#{ord(char)};" for char in match[0]), visible)


def _fitting(markdown: str, limit: int) -> bytes:
    data = markdown.encode(errors="replace")
    if len(data) <= limit:
        return data
    opening, closing = _DETAILS
    room = limit - len(_CUT.encode()) - len(closing) - 2
    # whole lines only: the last row of a table stays a row
    kept = data[: data.rfind(b"\n", 0, max(room, 0)) + 1].decode()
    unclosed = kept.count(opening) > kept.count(closing)
    tail = f"{closing}\n{_CUT}" if unclosed else _CUT
    return f"{kept}{tail}".encode() if limit > len(_CUT) * 2 else b""
