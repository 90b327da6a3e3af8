"""The result of a push as text, as JSON, and as the outputs of a step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ci_publish.actions.sizes import format_size
from ci_publish.publish.figures import Figures
from ci_publish.publish.plan import BlobAction, PushPlan, TagAction
from ci_publish.publish.publication import PublishedPlatform
from ci_publish.publish.push import PushResult
from ci_publish.tags import TagPlan


def result_document(results: Sequence[PushResult], tag_plan: TagPlan) -> dict[str, Any]:
    """The JSON result of a push; the first repository's facts stand at the top."""
    repositories = [repository_document(result) for result in results]
    figures = Figures.total(result.figures for result in results)
    return {
        **repositories[0],
        "version": tag_plan.version,
        "references": [reference for each in repositories for reference in each["references"]],
        "blobs": dict(figures.blobs),
        "bytes": dict(figures.bytes),
        "skips": _skip_documents(tag_plan),
        "repositories": repositories,
    }


def step_outputs(document: dict[str, Any], record: Path | None) -> dict[str, str]:
    """The outputs that the action promises, by name."""
    digests = {each["repository"]: each["digest"] for each in document["repositories"]}
    return {
        "digest": document["digest"],
        "digests": json.dumps(digests),
        "tags": "\n".join(document["references"]),
        "version": document["version"],
        "image": document["image"],
        "json": json.dumps(document),
        "record": str(record or ""),
    }


def plan_outputs(document: dict[str, Any]) -> dict[str, str]:
    """The outputs of a dry run: those that are known without publishing."""
    plans = document["plans"]
    return {
        "digest": plans[0]["digest"] or "",
        "digests": json.dumps({plan["repository"]: plan["digest"] for plan in plans}),
        "tags": "\n".join(document["references"]),
        "version": document["version"],
        "image": "",
        "json": json.dumps(document),
        "record": "",
    }


def figures_text(document: dict[str, Any]) -> str:
    """How many blobs went which way, in one line."""
    parts = [f"{n} {what} ({format_size(document['bytes'][what])})" for what, n in document["blobs"].items() if n]
    return f"blobs: {', '.join(parts)}"


def plan_document(plans: Sequence[PushPlan], tag_plan: TagPlan) -> dict[str, Any]:
    """The JSON result of a dry run."""
    return {
        "dry-run": True,
        "version": tag_plan.version,
        "references": list(tag_plan.references()),
        "skips": _skip_documents(tag_plan),
        "plans": [_plan_document(plan) for plan in plans],
    }


def plan_text(plan: PushPlan) -> str:
    """The plan of a push for people: a line for each blob and each tag."""
    lines = [f"{plan.target.repository}"]
    for step in plan.blobs:
        size = format_size((step.published or step.blob.descriptor).size)
        name = str((step.published or step.blob.descriptor).digest)
        note = "  (plain; compressed while it is sent)" if step.published is None else ""
        lines.append(f"  {step.action:<9} {name}  {size}{note}")
    digest = plan.digest or "a digest that compression decides"
    lines.append(f"  manifest  {digest}")
    for tag in plan.tags:
        before = f" from {tag.previous}" if tag.action is TagAction.MOVE else ""
        lines.append(f"  {tag.action:<9} :{tag.tag.name}{before}")
    to_send = sum(step.blob.descriptor.size for step in plan.blobs if step.action is BlobAction.UPLOAD)
    return "\n".join([*lines, f"  to read and send: {format_size(to_send)}"])


def repository_document(result: PushResult) -> dict[str, Any]:
    """The facts of a push to one repository, as JSON."""
    publication = result.publication
    return {
        "repository": str(publication.repository),
        "image": publication.pinned,
        "digest": str(publication.digest),
        "mediaType": publication.media_type,
        "size": publication.size,
        "tags": [tag.name for tag in publication.tags],
        "references": [f"{publication.repository.spelling}:{tag.name}" for tag in publication.tags],
        "moved": {
            tag.name: str(tag.previous) for tag in publication.tags if tag.previous not in (None, publication.digest)
        },
        "platforms": [_platform_document(platform) for platform in publication.platforms],
        "blobs": dict(result.figures.blobs),
        "bytes": dict(result.figures.bytes),
    }


def _skip_documents(tag_plan: TagPlan) -> list[dict[str, str]]:
    return [{"rule": skip.rule, "reason": skip.reason} for skip in tag_plan.skips]


def _platform_document(platform: PublishedPlatform) -> dict[str, Any]:
    return {
        "platform": str(platform.platform or ""),
        "digest": str(platform.digest),
        "mediaType": platform.media_type,
        "size": platform.size,
    }


def _plan_document(plan: PushPlan) -> dict[str, Any]:
    return {
        "repository": str(plan.target.repository),
        "digest": str(plan.digest) if plan.digest else None,
        "blobs": [
            {
                "action": str(step.action),
                "digest": str(step.published.digest) if step.published else None,
                "size": (step.published or step.blob.descriptor).size,
                "diff_id": str(step.blob.diff_id) if step.blob.diff_id else None,
            }
            for step in plan.blobs
        ],
        "tags": [
            {
                "name": step.tag.name,
                "action": str(step.action),
                "previous": str(step.previous) if step.previous else None,
            }
            for step in plan.tags
        ],
        "bytes": {"upload": sum(s.blob.descriptor.size for s in plan.blobs if s.action is BlobAction.UPLOAD)},
    }
