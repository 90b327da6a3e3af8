"""The transfer of an image's blobs, several at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from ci_publish.oci import Descriptor, Digest
from ci_publish.publish.body import Body, CompressedBody, VerbatimBody
from ci_publish.publish.compress import Compressor
from ci_publish.publish.plan import BlobAction, BlobStep, PushPlan
from ci_publish.publish.progress import Progress
from ci_publish.publish.retry import retrying
from ci_publish.registry import UploadSession


@dataclass(frozen=True, slots=True)
class BlobOutcome:
    """How a repository came to hold a blob: `action` may be less than what was hoped for in `step`."""

    step: BlobStep
    action: BlobAction
    published: Descriptor


class Stopped(Exception):  # noqa: N818 - no error: the one that stopped the others is
    """Ends a transfer because another one failed."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What all transfers of one push have in common.

    Args:
        plan: the push.
        compressor: for plain layers.
        known: what plain layers became in pushes before this one.
        progress: told of every step.
        stop: set when the push is given up.
    """

    plan: PushPlan
    compressor: Compressor | None
    known: Mapping[Digest, Descriptor]
    progress: Progress
    stop: Event


def upload_blobs(transfer: Transfer, executor: Executor) -> Sequence[BlobOutcome]:
    """The outcomes of all the plan's blob steps, in its order.

    Raises:
        SourceError: the source's bytes are not what it said they are.
        RegistryError: the registry failed, also when tried again.
    """
    futures = [executor.submit(_bring, step, transfer) for step in transfer.plan.blobs]
    with _stopping(transfer.stop, futures):
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        failed = [error for future in done if (error := future.exception())]
        if failed:
            # the others only say that they were stopped
            raise next((error for error in failed if not isinstance(error, Stopped)), failed[0])
    return [future.result() for future in futures]


@contextmanager
def _stopping(stop: Event, futures: Sequence[Future[BlobOutcome]]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        stop.set()
        for future in futures:
            future.cancel()
        wait(futures)
        raise


def _bring(step: BlobStep, transfer: Transfer) -> BlobOutcome:
    outcome: BlobOutcome | None = None
    for attempt in retrying(transfer.plan.options, on_retry=lambda reason: transfer.progress.restart(step, reason)):
        with attempt:
            outcome = _try(step, transfer)
    if outcome is None:  # pragma: no cover - retrying either gives an outcome or raises
        raise Stopped("no attempt was made")
    transfer.progress.finish(step, outcome.published)
    return outcome


def _try(step: BlobStep, transfer: Transfer) -> BlobOutcome:
    target = transfer.plan.target
    published = step.published or transfer.known.get(step.blob.descriptor.digest)
    if published and step.action in (BlobAction.EXISTS, BlobAction.REUSE):
        return BlobOutcome(step, step.action, published)
    session: UploadSession | None = None
    if published and step.action is BlobAction.MOUNT and step.source:
        session = target.registry.mount_blob(target.repository, published.digest, source=step.source)
        if session is None:
            return BlobOutcome(step, BlobAction.MOUNT, published)
    return BlobOutcome(step, BlobAction.UPLOAD, _upload(step, transfer, session))


def _upload(step: BlobStep, transfer: Transfer, session: UploadSession | None) -> Descriptor:
    """Send the blob whole; nothing of it counts before its last request."""
    target = transfer.plan.target
    body = _body(step, transfer)
    session = session or target.registry.start_upload(target.repository)
    try:
        session = target.registry.send_chunk(session, body, size=body.size)
        target.registry.finish_upload(session, body.descriptor().digest)
    except BaseException:
        target.registry.cancel_upload(session)
        raise
    return body.descriptor()


def _body(step: BlobStep, transfer: Transfer) -> Body:
    def on_read(count: int) -> None:
        if transfer.stop.is_set():
            raise Stopped("another transfer failed")
        transfer.progress.read(step, count)

    if step.published is None and transfer.compressor:
        return CompressedBody(step.blob, transfer.compressor, on_read=on_read)
    return VerbatimBody(step.blob, on_read=on_read)
