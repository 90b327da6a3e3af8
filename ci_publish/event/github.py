"""The event of a GitHub Actions run, from its environment and its `event.json`.

Source: docs.github.com, "Events that trigger workflows" and "Variables"; where the two leave a choice, it is
docker/metadata-action's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ci_publish.errors import UsageError
from ci_publish.event.javascript_number import number
from ci_publish.event.payload import MAX_PAYLOAD_SIZE, Payload
from ci_publish.event.ref_event import RefEvent
from ci_publish.event.repository_facts import RepositoryFacts
from ci_publish.event.surroundings import Surroundings

_FULL_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_FULL_SHA = 64
_SHORT_SHA = 7


def github_event(surroundings: Surroundings) -> RefEvent:
    """The event that started this run.

    Raises:
        UsageError: the repository is unknown, or the payload is missing or malformed.
    """
    environ = surroundings.environ
    payload = _read_payload(environ.get("GITHUB_EVENT_PATH", ""))
    kind = environ.get("GITHUB_EVENT_NAME", "")
    ref = _ref(kind, environ.get("GITHUB_REF", ""), payload)
    sha = _sha(kind, environ, payload)
    return RefEvent(
        kind=kind,
        ref=ref,
        sha=sha,
        now=surroundings.now,
        default_branch=payload.text("repository", "default_branch"),
        base_ref=_base_ref(kind, ref, payload),
        commit_date=_commit_date(sha, payload),
        read_only=_is_read_only(kind, environ, payload),
        short_sha_length=short_sha_length(environ),
        repository=_repository(environ, payload),
    )


def short_sha_length(environ: Mapping[str, str]) -> int:
    """The length of short SHAs that `DOCKER_METADATA_SHORT_SHA_LENGTH` asks for; 7 without it.

    Raises:
        UsageError: it is not a number.
    """
    text = environ.get("DOCKER_METADATA_SHORT_SHA_LENGTH", "")
    if not text:
        return _SHORT_SHA
    length = number(text)
    if math.isnan(length):
        raise UsageError(f"DOCKER_METADATA_SHORT_SHA_LENGTH is {text!r}, which is not a number")
    return int(min(max(length, 0), _FULL_SHA))


def _read_payload(path: str) -> Payload:
    if not path:
        return Payload("the event payload", {})
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_PAYLOAD_SIZE + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read the event payload {path}: {error.strerror}",
            hint="GITHUB_EVENT_PATH names it; in a container, the folder must be mounted",
        ) from None
    return Payload.parse(data, "the event payload")


def _ref(kind: str, ref: str, payload: Payload) -> str:
    # These runs have the base branch as their ref, while their tags are those of the pull request.
    if "pull_request_target" not in kind:
        return ref
    pull_request = payload.number("number") or payload.number("pull_request", "number")
    if not pull_request:
        raise UsageError(f"the payload of {kind} has no number of a pull request")
    return f"refs/pull/{pull_request}/merge"


def _sha(kind: str, environ: Mapping[str, str], payload: Payload) -> str:
    head = payload.text("pull_request", "head", "sha")
    wanted = "true" in environ.get("DOCKER_METADATA_PR_HEAD_SHA", "").lower()
    return head if wanted and head and "pull_request" in kind else environ.get("GITHUB_SHA", "")


def _base_ref(kind: str, ref: str, payload: Payload) -> str:
    if kind == "merge_group":
        return payload.text("merge_group", "base_ref").removeprefix("refs/heads/")
    if ref.startswith("refs/tags/"):
        return payload.text("base_ref").removeprefix("refs/heads/")
    return payload.text("pull_request", "base", "ref") if ref.startswith("refs/pull/") else ""


def _commit_date(sha: str, payload: Payload) -> datetime | None:
    for commit in (*payload.objects("commits"), payload.object("head_commit")):
        if sha and commit.text("id") == sha and commit.text("timestamp"):
            return parse_time(commit.text("timestamp"), payload.what)
    return None


def parse_time(text: str, what: str) -> datetime:
    """The time in an ISO 8601 text, in UTC when it names no zone.

    Raises:
        UsageError: it is none; `what` names where it stood.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text[:40]!r} in {what} is not a time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _is_read_only(kind: str, environ: Mapping[str, str], payload: Payload) -> bool:
    # Runs of pull_request_target have the base repository's rights, and that is their danger.
    if "pull_request" not in kind or "pull_request_target" in kind:
        return False
    if environ.get("GITHUB_ACTOR") == "dependabot[bot]":
        return True
    # a deleted fork is null here
    head, base = payload.text("pull_request", "head", "repo", "full_name"), payload.text("repository", "full_name")
    return bool(payload.object("pull_request").document) and head != base


def _repository(environ: Mapping[str, str], payload: Payload) -> RepositoryFacts:
    facts = RepositoryFacts.from_json(payload.object("repository"))
    full_name = environ.get("GITHUB_REPOSITORY") or facts.full_name
    if not _FULL_NAME.fullmatch(full_name):
        raise UsageError(
            f"GITHUB_REPOSITORY is {full_name!r}, not OWNER/NAME",
            hint="outside of GitHub Actions use --context git",
        )
    name = full_name.partition("/")[2]
    server = environ.get("GITHUB_SERVER_URL") or "https://github.com"
    return replace(
        facts, full_name=full_name, name=facts.name or name, html_url=facts.html_url or f"{server}/{full_name}"
    )
