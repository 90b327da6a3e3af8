"""What is being built: the git ref, the commit, and the event that asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ci_publish.event.repository_facts import RepositoryFacts

_BRANCH, _TAG, _PULL_REQUEST = "refs/heads/", "refs/tags/", "refs/pull/"

# Runs of these events always build the default branch's last commit, whatever their payload says; matched as
# part of the name, as docker/metadata-action does.
_DEFAULT_BRANCH_EVENTS = ("create", "discussion", "issues", "schedule")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefEvent:
    """One event on one ref; the clock is a part of it, so that everything computed from it is a pure function.

    Args:
        kind: GitHub's name of the event, such as `push`; a checkout is seen as one that was just pushed.
        ref: full git ref, such as `refs/tags/v1.2.3`; empty when unknown.
        sha: full commit SHA; empty when unknown.
        now: the current time, with a time zone.
        default_branch: as the event's payload has it; empty when it doesn't say.
        base_ref: the branch a pull request goes into, or a pushed tag came from; empty when unknown.
        commit_date: committer date of `sha`; `None` when unknown.
        read_only: whether the run's token cannot write packages: pull requests of forks and of Dependabot.
        short_sha_length: characters of `short_sha`.
        repository: facts about the repository.
    """

    kind: str
    ref: str
    sha: str
    now: datetime
    default_branch: str = ""
    base_ref: str = ""
    commit_date: datetime | None = None
    read_only: bool = False
    short_sha_length: int = 7
    repository: RepositoryFacts = field(default_factory=RepositoryFacts)

    @property
    def branch(self) -> str:
        """The branch that is built; empty when the ref is none."""
        return self.ref.removeprefix(_BRANCH) if self.ref.startswith(_BRANCH) else ""

    @property
    def is_merge_queue(self) -> bool:
        """Whether the branch is the temporary one on which a merge queue tries a merge."""
        return self.kind == "merge_group"

    @property
    def tag(self) -> str:
        """The git tag that is built; empty when the ref is none."""
        return self.ref.removeprefix(_TAG) if self.is_tag else ""

    @property
    def is_tag(self) -> bool:
        """Whether the ref is a git tag."""
        return self.ref.startswith(_TAG)

    @property
    def pull_request(self) -> str:
        """The number in a pull request's ref; empty when the ref is none."""
        return self.ref.removeprefix(_PULL_REQUEST).removesuffix("/merge") if self.is_pull_request else ""

    @property
    def is_pull_request(self) -> bool:
        """Whether the ref is a pull request's."""
        return self.ref.startswith(_PULL_REQUEST)

    @property
    def short_sha(self) -> str:
        """The first characters of the commit's SHA."""
        return self.sha[: self.short_sha_length]

    @property
    def on_default_branch(self) -> bool:
        """Whether the default branch is built."""
        branch = self.ref.removeprefix(_BRANCH)
        if not branch:
            return False
        return branch == self.default_branch or any(name in self.kind for name in _DEFAULT_BRANCH_EVENTS)

    @property
    def described(self) -> str:
        """The event in a few words, for messages: `push of refs/tags/v1.2.3`."""
        return f"{self.kind or 'unknown event'} of {self.ref or 'no ref'}"
