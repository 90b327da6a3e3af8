"""The event that a git checkout stands for: a push of what is checked out."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Never
from urllib.parse import urlsplit

from ci_publish.errors import UsageError
from ci_publish.event.github import parse_time, short_sha_length
from ci_publish.event.ref_event import RefEvent
from ci_publish.event.repository_facts import RepositoryFacts
from ci_publish.event.surroundings import Surroundings

if TYPE_CHECKING:
    import git

_VERSION = re.compile(r"v?\d+\.\d+\.\d+\b.*", re.ASCII)
_PULL_REQUEST = re.compile(r"refs/remotes/(?:[^/]+/)?pull/(.+)")
_REMOTE_BRANCH = re.compile(r"refs/remotes/[^/]+/(?!HEAD$)(.+)")
# `git@host:owner/name`, the form of scp
_SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^/].*)")


def checkout_event(surroundings: Surroundings, *, prefers_tag: bool = False) -> RefEvent:
    """What is checked out here, as if it had just been pushed.

    Args:
        surroundings: where to look.
        prefers_tag: whether a tag at HEAD counts more than the branch; without a branch it always counts.

    Raises:
        UsageError: there is no git, no checkout, no commit, or git refuses to look at it.
    """
    try:
        # needs a git program and costs 100 ms; runs on GitHub never come here
        import git  # noqa: PLC0415
    except ImportError:
        raise UsageError("git is not installed", hint="install git, or give --ref and --sha") from None
    directory = surroundings.directory
    try:
        with git.Repo(directory, search_parent_directories=True) as repo:
            return _read(repo, surroundings, prefers_tag=prefers_tag)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        raise UsageError(
            f"{directory} is not in a git checkout", hint="run it in one, or give --ref and --sha"
        ) from None
    except git.GitCommandError as error:
        _explain(str(error.stderr), directory)


def has_checkout(directory: Path) -> bool:
    """Whether this directory is in a git checkout, by looks alone."""
    return any((folder / ".git").exists() for folder in (directory.absolute(), *directory.absolute().parents))


def _read(repo: git.Repo, surroundings: Surroundings, *, prefers_tag: bool) -> RefEvent:
    # first, because it is what fails when there is no commit or git refuses the directory
    sha, _, committed = str(repo.git.show("--no-patch", "--no-notes", "--format=%H %cI", "HEAD")).partition(" ")
    default = str(repo.git.for_each_ref("--format=%(symref)", "refs/remotes/origin/HEAD"))
    default_branch = default.removeprefix("refs/remotes/origin/")
    remote = "origin" if "origin" in repo.remotes else next((remote.name for remote in repo.remotes), "")
    facts = remote_facts(str(repo.git.remote("get-url", remote)) if remote else "")
    return RefEvent(
        kind="push",
        ref=_ref(repo, prefers_tag=prefers_tag),
        sha=sha,
        now=surroundings.now,
        default_branch=default_branch,
        commit_date=parse_time(committed.strip(), "the commit"),
        short_sha_length=short_sha_length(surroundings.environ),
        repository=replace(facts, default_branch=default_branch),
    )


def _ref(repo: git.Repo, *, prefers_tag: bool) -> str:
    is_detached = repo.head.is_detached
    if (prefers_tag or is_detached) and (tag := _tag_at_head(repo)):
        return tag
    return _fetched_ref(repo) if is_detached else str(repo.head.ref.path)


def _tag_at_head(repo: git.Repo) -> str:
    """The ref of the tag at HEAD, of the highest version if it has several; empty without one."""
    # `-` before a suffix marks a prerelease, which sorts below its release
    by_version = repo.git(c="versionsort.suffix=-")
    tags = str(by_version.tag("--points-at", "HEAD", "--sort=-version:refname")).splitlines()
    return "refs/tags/" + next(filter(_VERSION.fullmatch, tags), tags[0]) if tags else ""


def _fetched_ref(repo: git.Repo) -> str:
    """The pull request or branch that was fetched to HEAD; empty when it is unclear."""
    remote = str(repo.git.for_each_ref("--points-at", "HEAD", "--format=%(refname)", "refs/remotes")).splitlines()
    pull_requests = [f"refs/pull/{match[1]}" for match in map(_PULL_REQUEST.fullmatch, remote) if match]
    branches = [f"refs/heads/{match[1]}" for match in map(_REMOTE_BRANCH.fullmatch, remote) if match]
    # of several branches none is more likely than another
    return pull_requests[0] if pull_requests else branches[0] if len(branches) == 1 else ""


def remote_facts(url: str) -> RepositoryFacts:
    """Name and page of the repository behind a git remote, without the credentials the URL may hold."""
    scp = _SCP.fullmatch(url) if "://" not in url else None
    try:
        parts = urlsplit(f"ssh://{scp['host']}/{scp['path']}" if scp else url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return RepositoryFacts()
    path = parts.path.strip("/").removesuffix(".git")
    if parts.scheme not in {"https", "http", "ssh", "git"} or not host or not path:
        return RepositoryFacts()
    # the port of ssh is not the one of the web page
    web_port = f":{port}" if port and parts.scheme in {"https", "http"} else ""
    scheme = "http" if parts.scheme == "http" else "https"
    return RepositoryFacts(full_name=path, name=path.rpartition("/")[2], html_url=f"{scheme}://{host}{web_port}/{path}")


def _explain(stderr: str, directory: Path) -> Never:
    if "dubious ownership" in stderr:
        raise UsageError(
            f"git refuses {directory}, which belongs to another user",
            hint=f"git config --global --add safe.directory {directory.absolute()}",
        ) from None
    if "does not have any commits" in stderr or "unknown revision" in stderr or "bad revision" in stderr:
        raise UsageError(f"the git checkout in {directory} has no commit yet", hint="commit something first") from None
    reason = stderr.strip().removeprefix("stderr:").strip(" '\n")
    raise UsageError(f"git cannot read {directory}: {reason}") from None
