"""The transfer of an image's blobs, several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from ci_publish.errors import RegistryError
from ci_publish.oci import Blob, Descriptor, Digest
from ci_publish.publish.body import Body, CompressedBody, VerbatimBody, check_blob
from ci_publish.publish.compress import Compressor
from ci_publish.publish.plan import BlobAction, BlobStep, PushPlan
from ci_publish.publish.progress import Progress
from ci_publish.publish.retry import retried
from ci_publish.publish.workers import Workers
from ci_publish.registry import Registry, UploadSession


@dataclass(frozen=True, slots=True)
class BlobOutcome:
    """How a repository came to hold a blob: `action` may be another than what was hoped for in `step`."""

    step: BlobStep
    action: BlobAction
    published: Descriptor


@dataclass(frozen=True, slots=True)
class Transfer:
    """What all transfers of one push have in common.

    Args:
        plan: the push.
        compressor: for plain layers.
        known: what plain layers became in pushes before this one.
        progress: told of every step.
        workers: who transfer.
        checked: layers that were read and found to be what their config names, by digest and diff_id.
    """

    plan: PushPlan
    compressor: Compressor | None
    known: Mapping[Digest, Descriptor]
    progress: Progress
    workers: Workers
    checked: set[tuple[Digest, Digest | None]]


def bring_blobs(transfer: Transfer) -> list[BlobOutcome]:
    """Have the repository hold the blobs of the plan.

    Raises:
        SourceError: the source's bytes are not what it said they are.
        RegistryError: the registry failed, also when tried again.
    """
    # the largest first, so that none of them is left to be sent alone
    steps = sorted(transfer.plan.blobs, key=lambda step: step.blob.descriptor.size, reverse=True)
    return transfer.workers.map(lambda step: _bring(step, transfer), steps)


def check_layers(transfer: Transfer, outcomes: Iterable[BlobOutcome]) -> None:
    """Check the compressed layers that were not sent: the registry knows their digests and nobody their diff_ids.

    An image that the repository holds already was checked when it came.

    Args:
        transfer: the push; what is checked now is noted in it.
        outcomes: of its blobs; what was sent was checked on its way.

    Raises:
        SourceError: a layer is not the one that its config names.
    """
    target, checked = transfer.plan.target, transfer.checked
    sent = (outcome.step.blob for outcome in outcomes if outcome.action is BlobAction.UPLOAD)
    checked.update((blob.descriptor.digest, blob.diff_id) for blob in sent)
    rest: dict[tuple[Digest, Digest | None], Blob] = {}
    for part in transfer.plan.image.walk():
        layers = [blob for blob in part.layers if blob.diff_id and not blob.descriptor.is_foreign]
        # a composed image's compressed layers were read when its archive was opened
        if part.composed or not layers or target.registry.head_manifest(target.repository, part.descriptor.digest):
            continue
        rest.update({(blob.descriptor.digest, blob.diff_id): blob for blob in layers})
    unchecked = [blob for key, blob in rest.items() if key not in checked]
    transfer.workers.map(lambda blob: check_blob(blob, on_read=lambda _: transfer.workers.check()), unchecked)
    checked.update(rest)


def _bring(step: BlobStep, transfer: Transfer) -> BlobOutcome:
    body, numbers = _body(step, transfer), count()
    outcome = retried(
        lambda: _attempt(step, body, transfer, is_repeat=next(numbers) > 0),
        options=transfer.plan.options,
        on_retry=lambda reason: transfer.progress.restart(step, reason),
        sleep=transfer.workers.pause,
    )
    transfer.progress.finish(step, outcome.published)
    return outcome


def _attempt(step: BlobStep, body: Body, transfer: Transfer, *, is_repeat: bool) -> BlobOutcome:
    registry, repository = transfer.plan.target.registry, transfer.plan.target.repository
    if step.published and step.action in (BlobAction.EXISTS, BlobAction.REUSE):
        return BlobOutcome(step, step.action, step.published)
    published = body.descriptor or transfer.known.get(step.blob.descriptor.digest)
    session: UploadSession | None = None
    if published and step.source:
        session = registry.mount_blob(repository, published.digest, source=step.source)
        if session is None:
            return BlobOutcome(step, BlobAction.MOUNT, published)
    elif published and (is_repeat or not step.published) and registry.blob_size(repository, published.digest):
        # our last request arrived although its answer did not; or another registry's push told the digest
        return BlobOutcome(step, BlobAction.UPLOAD if is_repeat else BlobAction.EXISTS, published)
    return BlobOutcome(step, BlobAction.UPLOAD, _upload(body, session, transfer))


def _upload(body: Body, session: UploadSession | None, transfer: Transfer) -> Descriptor:
    """Send the blob whole; nothing of it counts before the last request."""
    registry, repository = transfer.plan.target.registry, transfer.plan.target.repository
    session = session or registry.start_upload(repository)
    try:
        return _send(body, session, registry)
    except BaseException as error:
        # of a registry that does not answer nothing more is asked
        if not isinstance(error, RegistryError) or error.status:
            registry.cancel_upload(session)
        raise


def _send(body: Body, session: UploadSession, registry: Registry) -> Descriptor:
    session = registry.send_chunk(session, body, size=body.descriptor.size if body.descriptor else None)
    if body.descriptor is None:
        raise RegistryError(f"{registry.host} answered before it was sent the whole layer", transient=True)
    registry.finish_upload(session, body.descriptor.digest)
    return body.descriptor


def _body(step: BlobStep, transfer: Transfer) -> Body:
    def on_read(count: int) -> None:
        transfer.workers.check()
        transfer.progress.read(step, count)

    if step.published is None and transfer.compressor:
        return CompressedBody(step.blob, transfer.compressor, on_read=on_read)
    return VerbatimBody(step.blob, on_read=on_read)
