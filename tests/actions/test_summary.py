"""The summary shows what was published, whatever the names in it are."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.actions.summary import MAX_SUMMARY, append_summary, render_dry_run, render_summary
from ci_publish.errors import UsageError
from ci_publish.publish.publication import PublishedTag
from tests.support.publications import digest, publication


def cells(markdown: str) -> list[list[str]]:
    """The rows of all tables, below their heads, as a reader sees them."""
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    texts = [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row.split("|")[1:-1]] for row in rows]
    return [row for row in texts if row[0] not in ("Tag", "---")]


def test_a_row_for_each_tag() -> None:
    shown = cells(render_summary([publication()]))
    assert [row[0] for row in shown] == ["1.2.3", "1.2", "latest"]
    assert {tuple(row[1:]) for row in shown} == {
        (
            str(digest("a")),
            "linux/amd64, linux/arm/v7",
            "2.35 kB",
            f"docker pull ghcr.io/acme/app@{digest('a')}",
        )
    }


def test_an_image_without_tags_has_a_row() -> None:
    assert len(cells(render_summary([publication(tags=[]), publication("ghcr.io/acme/two", tags=["1"])]))) == 2


def test_it_says_what_moved() -> None:
    tags = [
        PublishedTag("new"),
        PublishedTag("moved", previous=digest("b")),
        PublishedTag("same", previous=digest("a")),
    ]
    shown = html.unescape(render_summary([publication(tags=tags)]))
    assert [line for line in shown.splitlines() if line.startswith("- ")] == [
        f"- <code>ghcr.io/acme/app:moved</code> moved from <code>{digest('b')}</code>"
    ]


def test_it_says_what_was_sent() -> None:
    shown = render_summary([publication()], blobs={"uploaded": 2, "reused": 1}, sizes={"uploaded": 12_300_000})
    assert "Blobs: 2 uploaded (12.3 MB), 1 reused (0 B)." in shown


def test_it_says_whether_anything_happened() -> None:
    assert "dry run" not in render_summary([publication()])
    assert "Nothing" in render_summary([])


def test_dry_run_shows_its_plan_as_it_is() -> None:
    summary = render_dry_run("ghcr.io/acme/app\n  create :1", skips=[("type=sha", "no <sha>")])

    assert "    ghcr.io/acme/app\n      create :1\n" in summary
    assert "dry run" in summary
    assert "<sha>" not in summary


class Tags(HTMLParser):
    """Collects the elements of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)


VISIBLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]) | st.just(" "), max_size=40)


@given(VISIBLE, VISIBLE)
def test_no_text_becomes_markup(rule: str, reason: str) -> None:
    plain = render_summary([publication()], skips=[("rule", "reason")])
    shown = render_summary([publication(version=reason)], skips=[(rule, reason)])
    tags, expected = Tags(), Tags()
    tags.feed(shown)
    expected.feed(plain)
    assert tags.names == expected.names
    assert shown.count("\n") == plain.count("\n")
    assert len(cells(shown)) == 3
    (line,) = [line for line in shown.split("\n") if line.startswith("- <code>")]
    assert re.findall(r"[*`\[\]\\~_!|]", line) == []
    seen = html.unescape(line.removeprefix("- <code>").replace("</code>", "", 1))
    assert seen == f"{' '.join(rule.split())}: {' '.join(reason.split())}"


def test_control_characters_are_shown_as_such() -> None:
    shown = html.unescape(render_summary([publication()], skips=[("a\x1b[2Jb", "a\u202eb\x00\n|c")]))
    assert "- <code>a�[2Jb</code>: a�b� |c" in shown


def test_it_is_cut_between_rows_and_stays_well_formed(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    many = publication(tags=[f"v{number}" for number in range(5000)])
    append_summary(path, render_summary([many]))
    data = path.read_bytes()
    assert MAX_SUMMARY - 1000 < len(data) <= MAX_SUMMARY
    shown = cells(data.decode())
    assert {len(row) for row in shown} == {5}
    assert shown[-1][0] == f"v{len(shown) - 1}"
    assert "cut here" in data.decode().rstrip().splitlines()[-1]


def test_a_cut_list_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    append_summary(path, render_summary([publication()], skips=[("rule", "é" * 400)] * 5000))
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) <= MAX_SUMMARY
    assert (text.count("<details>"), text.count("</details>")) == (1, 1)


def test_what_is_there_counts(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_bytes(b"x" * (MAX_SUMMARY - 500) + b"\n")
    append_summary(path, render_summary([publication()]))
    assert len(path.read_bytes()) <= MAX_SUMMARY
    append_summary(path, render_summary([publication()]))
    assert len(path.read_bytes()) <= MAX_SUMMARY


def test_a_short_one_is_appended_whole(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n", encoding="utf-8")
    append_summary(path, render_summary([publication()]))
    assert path.read_text(encoding="utf-8") == "before\n" + render_summary([publication()])


def test_a_file_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        append_summary(tmp_path, "x")
