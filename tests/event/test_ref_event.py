import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.events import SHA, an_event


@pytest.mark.parametrize(
    ("ref", "branch", "tag", "pull_request"),
    [
        ("refs/heads/feature/x", "feature/x", "", ""),
        ("refs/heads/refs/heads/x", "refs/heads/x", "", ""),
        ("refs/tags/v1", "", "v1", ""),
        ("refs/pull/7/merge", "", "", "7"),
        ("refs/pull/7/head", "", "", "7/head"),
        ("", "", "", ""),
    ],
)
def test_a_ref_is_one_of_three_kinds(ref: str, branch: str, tag: str, pull_request: str) -> None:
    event = an_event(ref=ref)
    assert (event.branch, event.tag, event.pull_request) == (branch, tag, pull_request)


@given(ref=st.text(max_size=20), default=st.text(max_size=5))
def test_no_ref_is_two_things(ref: str, default: str) -> None:
    event = an_event(ref=ref, default_branch=default)
    assert sum(map(bool, (event.branch, event.tag, event.pull_request))) <= 1


@pytest.mark.parametrize(
    ("kind", "ref", "expected"),
    [
        ("push", "refs/heads/main", True),
        ("push", "refs/heads/dev", False),
        ("push", "refs/tags/main", False),
        ("schedule", "refs/heads/dev", True),
        ("issues", "refs/heads/dev", True),
        ("issue_comment", "refs/heads/dev", False),
        ("schedule", "", False),
    ],
)
def test_the_default_branch_is_the_payloads_or_the_events(kind: str, ref: str, *, expected: bool) -> None:
    assert an_event(kind=kind, ref=ref).on_default_branch is expected


def test_no_branch_is_the_default_when_that_is_unknown() -> None:
    assert not an_event(default_branch="").on_default_branch
    assert not an_event(default_branch="", ref="").on_default_branch


@pytest.mark.parametrize(("length", "expected"), [(7, SHA[:7]), (0, ""), (64, SHA)])
def test_a_short_sha_has_the_length_asked_for(length: int, expected: str) -> None:
    assert an_event(short_sha_length=length).short_sha == expected
