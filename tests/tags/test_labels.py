from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.tags.labels import oci_labels, with_custom
from ci_publish.tags.scope import event_scope
from tests.support.events import SHA, an_event

PREFIX = "org.opencontainers.image."


def test_the_eight() -> None:
    labels = oci_labels(an_event(), "1.2.3")
    assert {key.removeprefix(PREFIX): value for key, value in labels.items()} == {
        "title": "Widget",
        "description": "Widgets as a service",
        "url": "https://github.com/acme/Widget",
        "source": "https://github.com/acme/Widget",
        "version": "1.2.3",
        "created": "2026-03-05T07:08:09.000Z",
        "revision": SHA,
        "licenses": "Apache-2.0",
    }


def test_the_time_is_in_utc() -> None:
    now = datetime(2026, 3, 5, 1, tzinfo=timezone(timedelta(hours=2)))
    assert oci_labels(an_event(now=now), "")[f"{PREFIX}created"] == "2026-03-04T23:00:00.000Z"


def custom(text: str) -> dict[str, str]:
    return with_custom({"b": "old"}, text, event_scope(an_event()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"b": "old"}),
        ("b=1\nb=2", {"b": "2"}),
        ("no value", {"b": "old"}),
        ("a=b=c", {"a": "b=c", "b": "old"}),
        ("a = b", {"a ": " b", "b": "old"}),
        ("=x", {"": "x", "b": "old"}),
        ('a={"x": 1}', {"a": '{"x": 1}', "b": "old"}),
        ("a={{branch}}", {"a": "main", "b": "old"}),
        ("{{branch}}=x", {"b": "old", "main": "x"}),
        ("a={{date 'h:mm, a'}}", {"a": "7:08, am", "b": "old"}),
        ('"a=1\n2"', {"a": "1\n2", "b": "old"}),
    ],
)
def test_custom_ones(text: str, expected: dict[str, str]) -> None:
    assert custom(text) == expected


def test_they_are_sorted_as_in_a_dictionary() -> None:
    assert list(custom("c=1\nB=1\nA=1\na=1")) == ["a", "A", "b", "B", "c"]


def test_a_malformed_template_is_refused() -> None:
    with pytest.raises(UsageError, match="template"):
        custom("a={{")


@given(values=st.dictionaries(st.text("abcxyz.", min_size=1), st.text("abc= ,;", max_size=5).map(str.strip)))
def test_what_is_written_is_what_is_there(values: dict[str, str]) -> None:
    text = "\n".join(f"{key}={value}" for key, value in values.items())
    assert with_custom({}, text, {}) == values
