"""What would happen if: an event with some of its facts replaced."""

from __future__ import annotations

from dataclasses import replace

from ci_publish.errors import UsageError
from ci_publish.event.ref_event import RefEvent


def simulate(event: RefEvent, *, kind: str = "", ref: str = "", sha: str = "", pull_request: int = 0) -> RefEvent:
    """This event as if another ref, commit or kind had started it.

    Args:
        event: where everything that is not replaced comes from.
        kind: name of the event; when a ref is given without it, `push`, or `pull_request` for one's ref.
        ref: full ref, or a branch's name.
        sha: commit.
        pull_request: number, from 1; short for its ref.

    Raises:
        UsageError: both a ref and a pull request, or something that cannot be a ref.
    """
    if pull_request and ref:
        raise UsageError("a pull request and a ref were given", hint="leave out --ref or --pr")
    if pull_request < 0 or any(character.isspace() for character in ref + sha):
        raise UsageError(f"{pull_request or ref or sha!r} cannot be built")
    if pull_request:
        ref = f"refs/pull/{pull_request}/merge"
    elif ref and not ref.startswith("refs/"):
        ref = f"refs/heads/{ref}"
    if ref and not kind:
        kind = "pull_request" if ref.startswith("refs/pull/") else "push"
    same_commit = not sha or sha == event.sha
    return replace(
        event,
        kind=kind or event.kind,
        ref=ref or event.ref,
        sha=sha or event.sha,
        base_ref="" if ref else event.base_ref,
        commit_date=event.commit_date if same_commit else None,
    )
