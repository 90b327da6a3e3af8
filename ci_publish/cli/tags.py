"""`ci-publish tags`: which tags, labels and annotations this event gives, and why."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from ci_publish.cli.options import output_options
from ci_publish.cli.runner import tell_runner
from ci_publish.cli.tag_options import plan_from_options, tag_options
from ci_publish.cli.terminal import Terminal
from ci_publish.event import RefEvent
from ci_publish.tags import TagPlan


@click.command("tags")
@tag_options
@output_options
def command(**options: Any) -> None:
    """Work out tags, labels and annotations from git and the event.

    Prints one IMAGE:TAG a line, and on stderr what each rule gave or why it gave nothing. The inputs are those of
    docker/metadata-action, in its language. With --event, --ref, --sha or --pr it shows what would happen if.
    """
    terminal = Terminal.from_options(options)
    event, plan = plan_from_options(options, terminal, environ=os.environ)
    for notice in plan.notices:
        terminal.warn(notice)
    terminal.note(explanation(event, plan))
    result = document(event, plan)
    tell_runner(outputs(result), "", environ=os.environ)
    terminal.result("\n".join(plan.references()), result)


def explanation(event: RefEvent, plan: TagPlan) -> str:
    """Every rule with the tag it gave or the reason why it gave none, for people."""
    rows = [
        *((tag.rule, f"→ {tag.name}" + (" (moves)" if tag.moving else "")) for tag in plan.tags),
        *((skip.rule, f"no tag: {skip.reason}") for skip in plan.skips),
    ]
    width = min(max((len(rule) for rule, _ in rows), default=0), 60)
    lines = (f"  {_one_line(rule):<{width}}  {_one_line(outcome)}" for rule, outcome in rows)
    return "\n".join([f"{event.described}:", *lines])


def document(event: RefEvent, plan: TagPlan) -> dict[str, Any]:
    """The plan as JSON, with the names that docker/metadata-action's `json` output has, and the trace."""
    return {
        "version": plan.version,
        "tags": list(plan.references()),
        "tag-names": [tag.name for tag in plan.tags],
        "labels": dict(plan.labels),
        "annotations": [
            f"{level}:{key}={value}" for level in plan.annotation_levels for key, value in plan.annotations.items()
        ],
        "event": {"name": event.kind, "ref": event.ref, "sha": event.sha},
        "trace": [
            *({"rule": tag.rule, "tag": tag.name, "moving": tag.moving} for tag in plan.tags),
            *({"rule": skip.rule, "tag": None, "reason": skip.reason} for skip in plan.skips),
        ],
        "notices": list(plan.notices),
    }


def outputs(result: dict[str, Any]) -> dict[str, str]:
    """The outputs of a step, under the names that docker/metadata-action has for them."""
    labels = [f"{key}={value}" for key, value in result["labels"].items()]
    return {
        "version": result["version"],
        "tags": "\n".join(result["tags"]),
        "tag-names": "\n".join(result["tag-names"]),
        "labels": "\n".join(labels),
        "annotations": "\n".join(result["annotations"]),
        "json": json.dumps(result),
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
