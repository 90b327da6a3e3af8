import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.oci import Reference
from ci_publish.tags.names import names_full_version, tag_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("v1.2.3", "v1.2.3"), ("feature/x", "feature-x"), ("a//b c", "a-b-c"), ("a--b", "a--b"), ("x-é-", "x---")],
)
def test_runs_of_other_characters_become_one_dash(text: str, expected: str) -> None:
    assert tag_name(text, "rule") == expected


@pytest.mark.parametrize("text", ["-a", ".a", "/a", "é", "a" * 129])
def test_what_would_need_a_guess_is_refused_with_its_rule(text: str) -> None:
    with pytest.raises(UsageError, match="the rule 'type=x'"):
        tag_name(text, "type=x")


def test_the_longest_tag_is_taken() -> None:
    assert tag_name("a" * 128, "rule") == "a" * 128


@given(text=st.text(min_size=1, max_size=140))
def test_a_tag_is_valid_or_refused_and_stays_the_same_when_done_again(text: str) -> None:
    with contextlib.suppress(UsageError):
        name = tag_name(text, "rule")
        assert Reference.parse(f"localhost/x:{name}").tag == name
        assert tag_name(name, "rule") == name


@pytest.mark.parametrize("text", ["1.2.3", "v1.2.3", "1.2.3-rc.1", "1.2.3+build", "1.2.3.4", "2026.03.05"])
def test_full_versions(text: str) -> None:
    assert names_full_version(text)


@pytest.mark.parametrize("text", ["", "1", "1.2", "v1", "stable", "1.2.x", "release-1.2.3", "1.2.3rc", "latest"])
def test_no_full_versions(text: str) -> None:
    assert not names_full_version(text)
