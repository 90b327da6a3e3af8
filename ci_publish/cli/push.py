"""`ci-publish push`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import click

from ci_publish.actions.summary import render_dry_run, render_summary
from ci_publish.cli.connection import Registries, connection_options
from ci_publish.cli.options import Text, lines, option, output_options
from ci_publish.cli.progress import progress_for
from ci_publish.cli.push_report import (
    figures_text,
    plan_document,
    plan_outputs,
    plan_text,
    result_document,
    step_outputs,
)
from ci_publish.cli.runner import tell_runner
from ci_publish.cli.tag_options import event_from_options, plan_from_options, tag_options
from ci_publish.cli.terminal import Terminal
from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.oci import Reference, Repository
from ci_publish.publish.compress import ENCODERS
from ci_publish.publish.options import PushOptions
from ci_publish.publish.plan import PushPlan, Target, plan_pushes
from ci_publish.publish.publication import Provenance
from ci_publish.publish.push import PushResult, push
from ci_publish.record import DEFAULT_NAME, update_record
from ci_publish.sources import open_source
from ci_publish.tags import TagPlan, explicit_plan
from ci_publish.tags.images import image_names, parse_images

_NAME_IT = "--images ghcr.io/OWNER/NAME, or in short: ci-publish push FILE ghcr.io/OWNER/NAME:TAG"


@click.command()
@click.argument(
    "source", nargs=-1, type=Text(), envvar=["CI_PUBLISH_PUSH_SOURCE", "CI_PUBLISH_SOURCE"], metavar="SOURCE [REF]"
)
@tag_options
@option("--tag", multiple=True, help="A tag by its name; no rules are applied then.")
@option("--select", metavar="REF|DIGEST|@N", help="Which image, when the archive holds several.")
@option("--dry-run", is_flag=True, help="Print what a push would do, and stop.")
@option(
    "--record",
    type=click.Path(path_type=Path),
    default=DEFAULT_NAME,
    show_default=True,
    help="The digest record to write.",
)
@option("--no-record", is_flag=True, help="Write no record.")
@option(
    "--compression", type=click.Choice([*ENCODERS, "none"]), default="gzip", show_default=True, help="Of plain layers."
)
@option(
    "--media-types",
    type=click.Choice(["oci", "docker"]),
    default="oci",
    show_default=True,
    help="Of manifests we write.",
)
@option("--reuse-from", multiple=True, metavar="TAG", help="More tags of the repository whose layers may be reused.")
@option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Blobs in transfer at once.")
@option("--retry-for", type=click.FloatRange(min=0), default=120.0, show_default=True, help="Seconds to go on trying.")
@connection_options
@output_options
def command(source: tuple[str, ...], **options: Any) -> None:
    """Publish the image in SOURCE, an archive or an OCI layout, under its tags.

    SOURCE is told apart by its content; - is stdin. `push SOURCE HOST/NAME:TAG` needs no other option.
    """
    terminal = Terminal.from_options(options)
    job = Job.from_options(source, options, terminal, environ=os.environ)
    with (
        Registries.from_options(options, terminal) as registries,
        open_source(job.source, select=job.select) as archive,
    ):
        terminal.detail(f"{job.source}: {archive.kind}")
        targets = _targets(job.tag_plan, registries)
        plans = plan_pushes(archive.image, job.tag_plan.tags, targets, options=job.options, note=terminal.note)
        if job.dry_run:
            _show_plan(plans, job, terminal)
            return
        provenance = _provenance(job.event, os.environ)
        results = push(plans, job.tag_plan, provenance=provenance, progress=progress_for(terminal))
    _show_results(results, job, terminal)


@dataclass(frozen=True, slots=True)
class Job:
    """What one call of `push` was asked to do.

    Args:
        source: path of the archive or layout; `-` for stdin.
        select: which of several images.
        event: what is being built.
        tag_plan: where to, and under which tags.
        options: how.
        record: the record to write, `None` for none.
        dry_run: whether to stop at the plan.
    """

    source: Path | Literal["-"]
    select: str | None
    event: RefEvent
    tag_plan: TagPlan
    options: PushOptions
    record: Path | None
    dry_run: bool

    @classmethod
    def from_options(
        cls, source: Sequence[str], options: dict[str, Any], terminal: Terminal, *, environ: Mapping[str, str]
    ) -> Self:
        """The job, taken out of the options; what is about registries stays in them.

        Raises:
            UsageError: source, images or tags are missing or contradict each other.
        """
        path, reference = _split(source, has_images=bool(lines(options["images"])))
        event, tag_plan = _plan_tags(reference, options, terminal, environ)
        record: Path = options.pop("record")
        return cls(
            source="-" if path == "-" else Path(path),
            select=options.pop("select"),
            event=event,
            tag_plan=tag_plan,
            options=PushOptions(
                compression=options.pop("compression"),
                media_types=options.pop("media_types"),
                reuse_from=lines(options.pop("reuse_from")),
                jobs=options.pop("jobs"),
                retry_for=options.pop("retry_for"),
            ),
            record=None if options.pop("no_record") else record,
            dry_run=options.pop("dry_run"),
        )


def _split(source: Sequence[str], *, has_images: bool) -> tuple[str, Reference | None]:
    """The path, and the reference of the short form."""
    match list(source):
        case []:
            raise UsageError("no image archive was given", hint="ci-publish push FILE HOST/NAME:TAG")
        case [path]:
            return path, None
        case [path, reference] if not has_images:
            return path, Reference.parse(reference)
        case _:
            raise UsageError(f"{len(source)} sources were given", hint="push one archive at a time")


def _plan_tags(
    reference: Reference | None, options: dict[str, Any], terminal: Terminal, environ: Mapping[str, str]
) -> tuple[RefEvent, TagPlan]:
    _refuse_contradictions(reference, options)
    for name in ("labels", "annotations"):
        if lines(options[name]):
            terminal.warn(
                f"{name} are not written into the image: set them in the build; `ci-publish tags` prints them"
            )
    tags = lines(options.pop("tag"))
    if reference is not None:
        tags = (*((reference.tag,) if reference.tag else ()), *tags) or ("latest",)
    if not tags:
        event, plan = plan_from_options(options, terminal, environ=environ)
    else:
        images = (reference.repository,) if reference else _repositories("\n".join(options["images"]), terminal)
        for name in ("images", "tags", "flavor", "labels", "annotations"):
            del options[name]
        event = event_from_options(options, terminal, environ=environ, is_needed=False)
        plan = explicit_plan(images, tags, event)
    return event, _checked(plan, terminal)


def _refuse_contradictions(reference: Reference | None, options: Mapping[str, Any]) -> None:
    # before anything about git or the event, which is not what is wrong then
    if reference is None:
        if not lines(options["images"]):
            raise UsageError("no repository was given", hint=_NAME_IT)
    elif reference.digest:
        raise UsageError(f"{reference} has a digest", hint="a push makes the digest; name a tag")
    elif lines(options["tags"]):
        raise UsageError(f"{reference} and rules for tags were given", hint=f"--images {reference.repository}")


def _repositories(text: str, terminal: Terminal) -> tuple[Repository, ...]:
    names = image_names(text)
    for name in names:
        if name != name.lower():
            terminal.warn(f"{name} is written in lower case, as registries want it")
    return parse_images(names)


def _checked(plan: TagPlan, terminal: Terminal) -> TagPlan:
    if not plan.images:
        raise UsageError("no repository was given", hint=_NAME_IT)
    if not plan.tags:
        reasons = "\n".join(f"{skip.rule}: {skip.reason}" for skip in plan.skips)
        raise UsageError("no rule gives a tag for this event", hint=reasons or "name a tag: --tag NAME")
    for notice in plan.notices:
        terminal.warn(notice)
    return plan


def _targets(plan: TagPlan, registries: Registries) -> list[Target]:
    return [Target(registries.connect(image, push_to=plan.images), image) for image in plan.images]


def _provenance(event: RefEvent, environ: Mapping[str, str]) -> Provenance:
    server, run = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_RUN_ID")
    repository = environ.get("GITHUB_REPOSITORY")
    run_url = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
    return Provenance(time=event.now, commit=event.sha, ref=event.ref, run_url=run_url)


def _show_plan(plans: Sequence[PushPlan], job: Job, terminal: Terminal) -> None:
    document = plan_document(plans, job.tag_plan)
    text = "\n".join(map(plan_text, plans))
    tell_runner(plan_outputs(document), render_dry_run(text, skips=_skips(job)), environ=os.environ)
    terminal.result(text, document)


def _show_results(results: Sequence[PushResult], job: Job, terminal: Terminal) -> None:
    publications = [result.publication for result in results]
    if job.record:
        update_record(job.record, publications)
        terminal.note(f"recorded in {job.record}")
    for publication in publications:
        for tag in publication.tags:
            terminal.note(f"{publication.repository.spelling}:{tag.name} → {publication.digest}")
    document = result_document(results, job.tag_plan)
    terminal.note(figures_text(document))
    summary = render_summary(publications, skips=_skips(job), blobs=document["blobs"], sizes=document["bytes"])
    tell_runner(step_outputs(document, job.record), summary, environ=os.environ)
    terminal.result("\n".join(publication.pinned for publication in publications), document)


def _skips(job: Job) -> list[tuple[str, str]]:
    return [(skip.rule, skip.reason) for skip in job.tag_plan.skips]
