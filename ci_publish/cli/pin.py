"""`ci-publish pin`: references in files follow the record."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ci_publish.cli.options import lines, option, output_options
from ci_publish.cli.terminal import Terminal
from ci_publish.errors import DriftError

if TYPE_CHECKING:
    from ci_publish.pins import PinPlan, Skip


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@option(
    "--record",
    type=click.Path(path_type=Path),
    default="digests.lock.json",
    show_default=True,
    help="Record to take the digests from.",
)
@option("--check", is_flag=True, help="Write nothing; end with exit code 7 when a reference is not as it should be.")
@option("--diff", is_flag=True, help="Write nothing; print the changes as a unified diff.")
@option("--unpin", is_flag=True, help="Remove the digests of the images in the record.")
@output_options
def command(paths: tuple[str, ...], record: Path, **options: Any) -> None:
    """Rewrite references in Kubernetes, Compose and Dockerfiles to the digests of a record.

    PATH is a file or a folder. `name:tag` becomes `name:tag@sha256:…`; nothing else in a file changes. All files
    are written, or none.
    """
    from ci_publish.pins import apply_pins, pinnable_files, plan_pins, plan_unpins
    from ci_publish.record import read_record

    check, diff, unpin = (options.pop(name) for name in ("check", "diff", "unpin"))
    terminal = Terminal.from_options(options)
    recorded = read_record(record)
    files = pinnable_files(map(Path, lines(paths)))
    plan = (plan_unpins if unpin else plan_pins)(files, recorded)
    written = not check and not diff
    if written:
        apply_pins(plan)
    _report(terminal, plan, file_count=len(files), record=record)
    _print_result(terminal, plan, diff=diff, written=written)
    if check and plan.edits:
        raise DriftError(_drift_message(plan), hint=_fix(paths, record, unpin=unpin))


def _report(terminal: Terminal, plan: PinPlan, *, file_count: int, record: Path) -> None:
    from ci_publish.pins import NOT_RECORDED

    for edit in plan.edits:
        terminal.note(f"{edit.place}: {edit.old} → {edit.new}")
    others = [skip for skip in plan.skips if skip.reason == NOT_RECORDED]
    for skip in plan.skips:
        show = terminal.detail if skip.reason == NOT_RECORDED else terminal.note
        show(_skip_line(skip))
    if others and not terminal.verbose:
        terminal.note(f"{_count(len(others), 'reference')} left alone: not in {record}; -v lists them")
    if not plan.edits:
        terminal.note(f"nothing to change in {_count(file_count, 'file')}")


def _skip_line(skip: Skip) -> str:
    return f"{skip.place}: {_one_line(skip.reference)} stays: {skip.reason}"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:200]}…"


def _print_result(terminal: Terminal, plan: PinPlan, *, diff: bool, written: bool) -> None:
    from ci_publish.pins import unified_diff

    files = [str(change.path) for change in plan.changes]
    difference = unified_diff(plan) if diff else ""
    document = {
        "written": written,
        "files": files,
        "edits": [_place_json(edit) | {"old": edit.old, "new": edit.new} for edit in plan.edits],
        "skips": [_place_json(skip) | {"reference": skip.reference, "reason": skip.reason} for skip in plan.skips],
    }
    terminal.result(
        difference.removesuffix("\n") if diff else "\n".join(files), document | ({"diff": difference} if diff else {})
    )


def _place_json(item: Any) -> dict[str, Any]:
    return {"file": str(item.place.path), "line": item.place.line, "column": item.place.column}


def _drift_message(plan: PinPlan) -> str:
    places = ", ".join(str(edit.place) for edit in plan.edits[:10])
    more = f" and {len(plan.edits) - 10} more" if len(plan.edits) > 10 else ""
    return f"{_count(len(plan.edits), 'reference')} not as recorded: {places}{more}"


def _fix(paths: Iterable[str], record: Path, *, unpin: bool) -> str:
    return shlex.join(("ci-publish", "pin", *paths, "--record", str(record), *(("--unpin",) if unpin else ())))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
