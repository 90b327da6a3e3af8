import pytest

from ci_publish.errors import UsageError
from ci_publish.event import simulate
from tests.support.events import COMMITTED, SHA, an_event


def test_nothing_given_changes_nothing() -> None:
    assert simulate(an_event()) == an_event()


def test_a_tag_is_pushed() -> None:
    event = simulate(an_event(kind="schedule", base_ref="dev"), ref="refs/tags/v1.2.3")
    assert (event.kind, event.tag, event.sha, event.base_ref) == ("push", "v1.2.3", SHA, "")


def test_a_bare_name_is_a_branch() -> None:
    assert simulate(an_event(), ref="release/1").branch == "release/1"


def test_a_pull_request_is_a_pull_request_event() -> None:
    event = simulate(an_event(), pull_request=7)
    assert (event.kind, event.pull_request) == ("pull_request", "7")


def test_a_kind_alone_keeps_the_ref() -> None:
    event = simulate(an_event(), kind="schedule")
    assert (event.kind, event.branch, event.commit_date) == ("schedule", "main", COMMITTED)


def test_the_date_of_another_commit_is_unknown() -> None:
    assert simulate(an_event(), sha="0" * 40).commit_date is None
    assert simulate(an_event(), sha=SHA).commit_date == COMMITTED


def test_a_ref_and_a_pull_request_contradict() -> None:
    with pytest.raises(UsageError, match="a pull request and a ref"):
        simulate(an_event(), ref="main", pull_request=1)


@pytest.mark.parametrize("ref", ["a b", "a\nb"])
def test_what_git_would_not_take_is_refused(ref: str) -> None:
    with pytest.raises(UsageError, match="cannot be built"):
        simulate(an_event(), ref=ref)
