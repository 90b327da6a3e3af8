from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import MalformedError, UsageError
from ci_publish.oci import Platform

names = st.from_regex(r"[a-z0-9_.-]{1,10}", fullmatch=True)
platforms = st.builds(
    Platform, names, names, st.just("") | names, st.just("") | names, st.lists(names, max_size=2).map(tuple)
)


@given(platforms)
def test_json_is_read_as_it_was_written(platform: Platform) -> None:
    assert Platform.from_json(platform.to_json(), "the platform") == platform


@given(platforms)
def test_normal_is_normal(platform: Platform) -> None:
    assert platform.normalized().normalized() == platform.normalized()


@given(platforms)
def test_parse_reads_what_str_writes(platform: Platform) -> None:
    plain = Platform(platform.os, platform.architecture, platform.variant)
    assert Platform.parse(str(plain)) == plain.normalized()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
    ],
)
def test_other_spellings_are_understood(text: str, expected: str) -> None:
    assert str(Platform.parse(text)) == expected


@pytest.mark.parametrize(
    "text", ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux amd64", "linux/ä", "linux/a\n"]
)
def test_other_forms_are_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        Platform.parse(text)


@pytest.mark.parametrize(
    ("platform", "known"),
    [
        (Platform("linux", "amd64"), True),
        (Platform("unknown", "unknown"), False),
        (Platform("linux", ""), False),
        (Platform("", ""), False),
    ],
)
def test_what_runs_nowhere_is_not_known(platform: Platform, known: bool) -> None:  # noqa: FBT001 - a row of the table
    assert platform.is_known is known


def test_wrong_kinds_are_malformed() -> None:
    with pytest.raises(MalformedError, match="is not a string"):
        Platform.from_json({"os": 1}, "the platform")
