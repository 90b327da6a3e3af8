"""The progress of a push, shown as bars on a terminal and as lines in a log."""

from __future__ import annotations

import sys
import time
from threading import Lock
from typing import TYPE_CHECKING

from ci_publish.actions.sizes import format_size
from ci_publish.oci import Descriptor, Digest, Reference
from ci_publish.publish.plan import BlobAction, BlobStep, PushPlan
from ci_publish.publish.progress import Progress, Silence

if TYPE_CHECKING:
    from rich.progress import TaskID

    from ci_publish.cli.terminal import Terminal

# Seconds between lines in a log that nobody watches live.
_LOG_INTERVAL = 5.0


def progress_for(terminal: Terminal) -> Progress:
    """The progress that fits where stderr goes."""
    if terminal.quiet:
        return Silence()
    return BarProgress() if sys.stderr.isatty() else LogProgress(terminal)


def describe_step(step: BlobStep, published: Descriptor | None = None) -> str:
    """The blob of a step in a few words, such as `layer 3f2a9c01b2d4`."""
    kind = "layer" if step.blob.diff_id else "blob"
    return f"{kind} {(published or step.blob.descriptor).digest.short}"


def describe_outcome(step: BlobStep, published: Descriptor) -> str:
    """What became of a blob, such as `  uploaded layer 3f2a9c01b2d4  2.93 MB`."""
    done = {BlobAction.EXISTS: "exists", BlobAction.REUSE: "reused", BlobAction.MOUNT: "mounted"}
    how = done.get(step.action, "uploaded")
    return f"  {how:<8} {describe_step(step, published)}  {format_size(published.size)}"


class LogProgress:
    """A line for each blob, and one every few seconds while large ones are on their way."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = Lock()
        self._read = self._total = 0
        self._started = self._spoke = time.monotonic()

    def begin(self, plan: PushPlan) -> None:
        """Say what is to come."""
        self._read = 0
        self._total = sum(step.blob.descriptor.size for step in plan.blobs if step.action is BlobAction.UPLOAD)
        self._started = self._spoke = time.monotonic()
        self._terminal.note(
            f"pushing to {plan.target.repository}: {len(plan.blobs)} blobs, {format_size(self._total)} to read"
        )

    def read(self, step: BlobStep, count: int) -> None:  # noqa: ARG002 - the total is what counts here
        """Add up, and speak from time to time."""
        with self._lock:
            self._read += count
            now = time.monotonic()
            if now - self._spoke < _LOG_INTERVAL:
                return
            self._spoke = now
            rate = self._read / (now - self._started)
        percent = 100 * self._read // max(self._total, 1)
        self._terminal.note(f"  {percent:3d} % of {format_size(self._total)}, {format_size(int(rate))}/s")

    def restart(self, step: BlobStep, reason: str) -> None:
        """Say why a blob starts over."""
        self._terminal.note(f"  {describe_step(step)} starts over: {reason}")

    def finish(self, step: BlobStep, published: Descriptor) -> None:
        """Say that a blob is there."""
        self._terminal.note(describe_outcome(step, published))

    def tagged(self, reference: Reference) -> None:
        """Say that a tag is there."""
        self._terminal.note(f"  tagged   {reference.tag}")

    def end(self) -> None:
        """Nothing is left to say."""


class BarProgress:
    """A bar for each blob on its way, a line for each that is there."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._bars = Progress(*columns, console=Console(stderr=True, highlight=False), transient=True)
        self._tasks: dict[Digest, TaskID] = {}

    def begin(self, plan: PushPlan) -> None:
        """A bar for each blob that may be sent."""
        self._bars.start()
        for step in plan.blobs:
            self._tasks[step.blob.descriptor.digest] = self._bars.add_task(
                describe_step(step), total=step.blob.descriptor.size, visible=step.action is BlobAction.UPLOAD
            )

    def read(self, step: BlobStep, count: int) -> None:
        """Move the blob's bar."""
        self._bars.advance(self._tasks[step.blob.descriptor.digest], count)

    def restart(self, step: BlobStep, reason: str) -> None:
        """Set the blob's bar back."""
        self._bars.reset(self._tasks[step.blob.descriptor.digest], description=f"{describe_step(step)} again")
        self._bars.console.print(f"{describe_step(step)} starts over: {reason}", markup=False)

    def finish(self, step: BlobStep, published: Descriptor) -> None:
        """A line takes the place of the blob's bar."""
        self._bars.update(self._tasks[step.blob.descriptor.digest], visible=False)
        self._bars.console.print(describe_outcome(step, published), markup=False)

    def tagged(self, reference: Reference) -> None:
        """Say that a tag is there."""
        self._bars.console.print(f"  tagged   {reference.tag}", markup=False)

    def end(self) -> None:
        """Leave the screen as it was."""
        self._bars.stop()
