import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ci_publish.errors import UsageError
from ci_publish.event import ORIGINS, RefEvent, Surroundings
from ci_publish.event.github import github_event
from tests.support.events import NOW, SHA

REPOSITORY = {
    "full_name": "acme/Widget",
    "name": "Widget",
    "html_url": "https://github.com/acme/Widget",
    "description": "Widgets as a service",
    "license": {"spdx_id": "MIT"},
    "default_branch": "main",
}
ENVIRON = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_SHA": SHA,
    "GITHUB_REPOSITORY": "acme/Widget",
}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(payload: Any = None, /, **environ: str) -> RefEvent:
        variables: Mapping[str, str] = ENVIRON | environ
        if payload is not None:
            path = tmp_path / "event.json"
            path.write_text(json.dumps(payload), encoding="utf-8")
            variables = {**variables, "GITHUB_EVENT_PATH": str(path)}
        return github_event(Surroundings(variables, tmp_path, NOW))

    return read


def pull_request(number: int = 7, *, head_repository: str | None = "acme/Widget", **facts: Any) -> dict[str, Any]:
    repository = None if head_repository is None else {"full_name": head_repository}
    head = {"sha": "1" * 40, "ref": "topic", "repo": repository}
    return {
        "number": number,
        "pull_request": {"number": number, "head": head, "base": {"ref": "main"}},
        "repository": REPOSITORY,
        **facts,
    }


def test_the_table_of_origins_has_it() -> None:
    assert ORIGINS["workflow"] is github_event


def test_a_push(read: Any) -> None:
    head = {"id": SHA, "timestamp": "2025-06-30T23:45:10+02:00"}
    event = read({"repository": REPOSITORY, "head_commit": head, "commits": [{"id": "x", "timestamp": "bad"}]})
    assert (event.kind, event.branch, event.sha, event.now) == ("push", "main", SHA, NOW)
    assert event.commit_date == datetime(2025, 6, 30, 21, 45, 10, tzinfo=UTC)
    assert (event.default_branch, event.on_default_branch, event.read_only) == ("main", True, False)
    assert (event.repository.license, event.repository.name) == ("MIT", "Widget")


def test_a_commit_of_the_push_wins_over_its_head(read: Any) -> None:
    payload = {
        "commits": [{"id": SHA, "timestamp": "2020-01-01T00:00:00Z"}],
        "head_commit": {"id": SHA, "timestamp": "2021-01-01T00:00:00Z"},
    }
    assert read(payload).commit_date.year == 2020


def test_another_commits_date_is_not_taken(read: Any) -> None:
    assert read({"head_commit": {"id": "0" * 40, "timestamp": "2020-01-01T00:00:00Z"}}).commit_date is None


def test_without_a_payload_the_environment_has_to_do(read: Any) -> None:
    event = read(GITHUB_SERVER_URL="https://ghe.example.com")
    assert event.repository.html_url == "https://ghe.example.com/acme/Widget"
    assert (event.repository.name, event.default_branch, event.on_default_branch) == ("Widget", "", False)


def test_a_tag_knows_the_branch_it_was_pushed_from(read: Any) -> None:
    event = read({"base_ref": "refs/heads/release/1"}, GITHUB_REF="refs/tags/v1")
    assert (event.tag, event.base_ref) == ("v1", "release/1")


def test_a_pull_request(read: Any) -> None:
    event = read(pull_request(), GITHUB_EVENT_NAME="pull_request", GITHUB_REF="refs/pull/7/merge")
    assert (event.pull_request, event.base_ref, event.sha) == ("7", "main", SHA)
    assert not event.read_only


def test_the_head_commit_of_a_pull_request_on_request(read: Any) -> None:
    asked = {"GITHUB_EVENT_NAME": "pull_request", "DOCKER_METADATA_PR_HEAD_SHA": "True"}
    assert read(pull_request(), **asked).sha == "1" * 40
    assert read({"repository": REPOSITORY}, **asked).sha == SHA
    assert read(pull_request(), DOCKER_METADATA_PR_HEAD_SHA="true").sha == SHA


def test_pull_request_target_builds_the_pull_request(read: Any) -> None:
    event = read(pull_request(12), GITHUB_EVENT_NAME="pull_request_target")
    assert (event.ref, event.sha, event.read_only) == ("refs/pull/12/merge", SHA, False)


def test_pull_request_target_without_a_number_is_refused(read: Any) -> None:
    with pytest.raises(UsageError, match="no number"):
        read({}, GITHUB_EVENT_NAME="pull_request_target")


@pytest.mark.parametrize("head", ["someone/Widget", None])
def test_a_fork_may_only_read(read: Any, head: str | None) -> None:
    assert read(pull_request(head_repository=head), GITHUB_EVENT_NAME="pull_request").read_only


def test_dependabot_may_only_read(read: Any) -> None:
    assert read(pull_request(), GITHUB_EVENT_NAME="pull_request", GITHUB_ACTOR="dependabot[bot]").read_only


def test_a_merge_queue_knows_its_base(read: Any) -> None:
    queue = {"base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-abc"}
    event = read({"merge_group": queue}, GITHUB_EVENT_NAME="merge_group", GITHUB_REF=queue["head_ref"])
    assert (event.base_ref, event.is_merge_queue) == ("main", True)


@pytest.mark.parametrize(
    ("length", "expected"), [("", 7), (" 8 ", 8), ("1e1", 10), ("-1", 0), ("99", 64), ("Infinity", 64)]
)
def test_the_length_of_short_shas(read: Any, length: str, expected: int) -> None:
    assert read(DOCKER_METADATA_SHORT_SHA_LENGTH=length).short_sha_length == expected


def test_a_length_that_is_no_number_is_refused(read: Any) -> None:
    with pytest.raises(UsageError, match="SHORT_SHA_LENGTH"):
        read(DOCKER_METADATA_SHORT_SHA_LENGTH="seven")


@pytest.mark.parametrize("name", ["", "widget", "a/b/c", "a/b?x", "../../x"])
def test_a_repository_must_be_known(read: Any, name: str) -> None:
    with pytest.raises(UsageError, match="GITHUB_REPOSITORY") as caught:
        read(GITHUB_REPOSITORY=name)
    assert "--context git" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {"repository": "acme/Widget"},
        {"repository": {"license": "MIT"}},
        {"head_commit": {"id": SHA, "timestamp": "yesterday"}},
        {"commits": {}},
        {"pull_request": 7},
    ],
)
def test_a_payload_of_another_shape_is_refused(read: Any, payload: Any) -> None:
    with pytest.raises(UsageError, match="payload"):
        read(payload)


def test_a_payload_that_is_not_there_is_refused(read: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the event payload"):
        read(GITHUB_EVENT_PATH=str(tmp_path / "absent.json"))
