import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.csv_lines import entries, fields

TEXT = st.text(alphabet='ab=," #\n\r\t{}\\', max_size=30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" \n ", ()),
        ("a\nb", ("a", "b")),
        ("a\r\nb\r\n", ("a", "b")),
        ("a\rb", ("a", "b")),
        ("a\n\n  \nb", ("a", "b")),
        ("# c\na\n#b", ("a",)),
        ("a\n  # no comment", ("a", "# no comment")),
        ("a # no comment", ("a # no comment",)),
        (" a , b ", ("a , b",)),
        ("a,", ("a,",)),
        ('"a,b"', ("a,b",)),
        ('"a\nb"', ("a\nb",)),
        ('"""a,b"""', ('"a,b"',)),
        ('x="y"', ('x="y"',)),
        ('"a"b', ('"a"b',)),
        ('a,""', ("a,",)),
    ],
)
def test_entries(text: str, expected: tuple[str, ...]) -> None:
    assert entries(text) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a,b", ("a", "b")),
        ("a,", ("a", "")),
        (",", ("", "")),
        ('"a,b",c', ("a,b", "c")),
        ('"a""b"', ('a"b',)),
        ('""', ("",)),
        ("#a", ("#a",)),
        ("a\nb", ("a",)),
    ],
)
def test_fields(entry: str, expected: tuple[str, ...]) -> None:
    assert fields(entry) == expected


@pytest.mark.parametrize("entry", ['a="b"', '"a"b', 'a"', 'a,b"c"'])
def test_a_quote_within_a_field_is_refused(entry: str) -> None:
    with pytest.raises(UsageError, match="quote"):
        fields(entry)


@pytest.mark.parametrize("read", [entries, fields])
def test_an_open_quote_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(UsageError, match="not closed"):
        read('a,"b')


@given(text=TEXT)
def test_any_text_gives_entries_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        for entry in entries(text):
            assert entry.strip() == entry != ""
            assert fields(entry)


@given(items=st.lists(st.text(alphabet="abc=. -{}'", min_size=1).filter(lambda item: item.strip() == item), min_size=1))
def test_plain_entries_come_back_as_written(items: list[str]) -> None:
    for line_break in ("\n", "\r\n", "\r"):
        assert entries(line_break.join(items)) == tuple(items)


@given(items=st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_quoted_fields_come_back_as_they_were(items: list[str]) -> None:
    quoted = ",".join('"' + item.replace('"', '""') + '"' for item in items)
    assert fields(quoted) == tuple(items)
