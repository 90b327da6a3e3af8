"""Writing the planned changes: all files, or none."""

from __future__ import annotations

from pathlib import Path

from ci_publish.errors import PinError
from ci_publish.pins.plan import FileChange, PinPlan, read_text
from ci_publish.record.replacement import Replacement


def apply_pins(plan: PinPlan) -> tuple[Path, ...]:
    """Make the edits of a plan; returns the files that changed.

    Every new content is complete on the disk before the first file is replaced; should a replacement fail
    then, the files before it get their old content back.

    Raises:
        PinError: a file changed since it was planned, or cannot be written; no file is changed then.
    """
    staged: list[tuple[FileChange, Replacement]] = []
    try:
        for change in plan.changes:
            _check_unchanged(change)
            # git has the old content: a power cut may undo this, so it need not wait for the disk
            staged.append((change, Replacement.stage(change.path, change.after.encode(), durable=False)))
        _commit(staged)
    except OSError as error:
        raise PinError(f"no file was pinned: {error.filename}: {error.strerror or error}") from None
    finally:
        for _, replacement in staged:
            replacement.discard()
    return tuple(change.path for change in plan.changes)


def _check_unchanged(change: FileChange) -> None:
    if read_text(change.path) != change.before:
        raise PinError(f"{change.path} was changed while its pins were computed", hint="run the command again")


def _commit(staged: list[tuple[FileChange, Replacement]]) -> None:
    for number, (_, replacement) in enumerate(staged):
        try:
            replacement.commit()
        except OSError:
            for change, _ in staged[:number]:
                Replacement.stage(change.path, change.before.encode(), durable=False).commit()
            raise
