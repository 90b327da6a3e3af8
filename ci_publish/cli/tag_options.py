"""The options that tags are worked out from, as `tags` and `push` have them, and the plan they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ci_publish.cli.options import Command, option
from ci_publish.cli.terminal import Terminal
from ci_publish.errors import RegistryError, UsageError
from ci_publish.event import ORIGINS, RefEvent, Surroundings, simulate
from ci_publish.event.checkout import has_checkout
from ci_publish.tags import TagInputs, TagPlan, make_plan

# The inputs of docker/metadata-action that are lists; their line breaks and blanks are part of the language.
_INPUTS: Mapping[str, str] = {
    "images": "Repositories to publish to, one a line.",
    "tags": "Rules for tags, one a line.",
    "flavor": "What happens to all tags: latest=auto|true|false, prefix=, suffix=.",
    "labels": "Labels to add, as KEY=VALUE lines.",
    "annotations": "Annotations to add, as KEY=VALUE lines.",
}


def tag_options(command: Command) -> Command:
    """The options that a plan is made of; `plan_from_options` takes them out again."""
    event_options = (
        option("--context", type=click.Choice(list(ORIGINS)), help="Read the event from GitHub or from the checkout."),
        option("--event", "event_name", default="", help="As if this event had happened, such as pull_request."),
        option("--ref", default="", help="As if this ref were built, such as refs/tags/v1.2.3."),
        option("--sha", default="", help="As if this commit were built."),
        option("--pr", type=click.IntRange(min=1), help="As if this pull request were built."),
    )
    lists = [option(f"--{name}", multiple=True, help=text) for name, text in _INPUTS.items()]
    for add in reversed((*lists, *event_options)):
        command = add(command)
    return command


def plan_from_options(
    options: dict[str, Any], terminal: Terminal, *, environ: Mapping[str, str]
) -> tuple[RefEvent, TagPlan]:
    """The event and the plan of its rules; the options of `tag_options` are taken out of `options`.

    Args:
        options: what click gave the command.
        terminal: where to say what could not be found out.
        environ: environment variables.

    Raises:
        UsageError: an option, the environment or the payload is wrong.
    """
    inputs = inputs_from_options(options, environ=environ)
    event = event_from_options(options, terminal, environ=environ, with_commit_date=inputs.mentions("commit_date"))
    return event, make_plan(inputs, event)


def inputs_from_options(options: dict[str, Any], *, environ: Mapping[str, str]) -> TagInputs:
    """The inputs of the tag language, taken out of `options`."""
    levels = environ.get("DOCKER_METADATA_ANNOTATIONS_LEVELS") or "manifest"
    texts = {name: "\n".join(options.pop(name)) for name in _INPUTS}
    return TagInputs(**texts, annotation_levels=tuple(levels.split(",")))


def event_from_options(
    options: dict[str, Any],
    terminal: Terminal,
    *,
    environ: Mapping[str, str],
    with_commit_date: bool = False,
    is_needed: bool = True,
) -> RefEvent:
    """The event, with what GitHub knows about its repository; its options are taken out of `options`.

    Args:
        options: what click gave the command.
        terminal: where to say what could not be found out.
        environ: environment variables.
        with_commit_date: whether to ask GitHub for a date that the payload lacks.
        is_needed: whether there must be one; where not, an event without ref and commit takes its place.

    Raises:
        UsageError: an option, the environment or the payload is wrong, or there is no event.
    """
    context: str | None = options.pop("context")
    what_if = {
        "kind": options.pop("event_name"),
        "ref": options.pop("ref"),
        "sha": options.pop("sha"),
        "pull_request": options.pop("pr") or 0,
    }
    surroundings = Surroundings(environ, Path.cwd(), _now(environ))
    origin = context or ("workflow" if _in_workflow(environ) else "git")
    may_be_absent = context is None and (not is_needed or any(what_if.values()))
    if origin == "git" and may_be_absent and not has_checkout(surroundings.directory):
        return simulate(_unknown_event(surroundings), **what_if)
    try:
        event = simulate(ORIGINS[origin](surroundings), **what_if)
    except UsageError as error:
        if is_needed or context:
            raise
        terminal.warn(f"going on without the facts of the event: {error.message}")
        return _unknown_event(surroundings)
    return _with_api_facts(event, terminal, environ=environ, with_commit_date=with_commit_date)


def _unknown_event(surroundings: Surroundings) -> RefEvent:
    return RefEvent(kind="push", ref="", sha="", now=surroundings.now)


def _in_workflow(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("GITHUB_ACTIONS") or environ.get("GITHUB_REF"))


def _now(environ: Mapping[str, str]) -> datetime:
    # reproducible-builds.org/specs/source-date-epoch
    epoch = environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is {epoch[:40]!r}, not a time in seconds since 1970") from None


def _with_api_facts(
    event: RefEvent, terminal: Terminal, *, environ: Mapping[str, str], with_commit_date: bool
) -> RefEvent:
    """The event with what GitHub knows now; payloads lack the licence at times and are old in a repeated run."""
    url, token = environ.get("GITHUB_API_URL", "").rstrip("/"), environ.get("GITHUB_TOKEN", "")
    full_name = event.repository.full_name
    is_this_one = (environ.get("GITHUB_REPOSITORY") or full_name).lower() == full_name.lower()
    if not url or not token or not is_this_one:
        return event
    # costs 30 ms and is needed on GitHub only
    from ci_publish.event.github_api import GitHubApi

    api = GitHubApi(url, token)
    try:
        event = replace(event, repository=api.repository(full_name))
        if with_commit_date and event.commit_date is None and event.sha:
            event = replace(event, commit_date=api.commit_date(full_name, event.sha))
    except RegistryError as error:
        terminal.warn(f"{error.message}; going on with the facts of the event")
    return event
