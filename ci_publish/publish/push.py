"""The push: blobs, manifests by digest, a look back, and only then the tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor, Digest, Image, Reference
from ci_publish.publish.compress import open_compressor
from ci_publish.publish.figures import Figures
from ci_publish.publish.plan import PushPlan, TagAction, TagStep, Target
from ci_publish.publish.progress import Progress
from ci_publish.publish.publication import Provenance, Publication, PublishedPlatform, PublishedTag
from ci_publish.publish.retry import retried
from ci_publish.publish.upload import Transfer, bring_blobs, check_layers
from ci_publish.publish.workers import open_workers
from ci_publish.tags import TagPlan

# A registry may take a blob and not know it a moment later, when many push at once.
_LOST_BLOB_CODES = frozenset({"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"})
_TRIES_AFTER_LOSS = 3


@dataclass(frozen=True, slots=True)
class PushResult:
    """A finished push to one repository, and what it took."""

    publication: Publication
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Pushed:
    """A repository that holds the image, but no tag on it yet."""

    plan: PushPlan
    image: Image
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Memory:
    """What pushes to several repositories learn for each other, see `Transfer`."""

    known: dict[Digest, Descriptor]
    checked: set[tuple[Digest, Digest | None]]


def push(
    plans: Sequence[PushPlan], tag_plan: TagPlan, *, provenance: Provenance, progress: Progress
) -> tuple[PushResult, ...]:
    """Carry out the plans: all repositories hold the whole image before the first tag is written.

    A crash at any point leaves no tag on an incomplete image; running again finishes the job.

    Args:
        plans: one for each repository, made with the same options.
        tag_plan: for the version.
        provenance: for the record.
        progress: told of every step.

    Raises:
        SourceError: the source's bytes are not what it said they are.
        RegistryError: a registry failed, or does not hold what it was given.
    """
    memory = _Memory({}, set())
    try:
        pushed = [_push_content(plan, memory, progress) for plan in plans]
        return tuple(_publish(each, tag_plan, provenance, progress) for each in pushed)
    finally:
        progress.end()


def _push_content(plan: PushPlan, memory: _Memory, progress: Progress) -> _Pushed:
    progress.begin(plan)
    with open_compressor(plan.options.compression) as compressor, open_workers(plan.options.jobs) as workers:
        transfer = Transfer(plan, compressor, memory.known, progress, workers, memory.checked)
        outcomes = bring_blobs(transfer)
        check_layers(transfer, outcomes)
        memory.known.update({outcome.step.blob.descriptor.digest: outcome.published for outcome in outcomes})
        image = plan.published_image(memory.known)
        _put_manifests(image, transfer)
    return _Pushed(plan, image, Figures.of(outcomes))


def _put_manifests(image: Image, transfer: Transfer) -> None:
    """Write the manifests, children first; blobs that the registry has lost meanwhile are brought again."""
    for tries_left in reversed(range(_TRIES_AFTER_LOSS)):
        try:
            for part in image.walk():
                _put_manifest(part, transfer)
        except RegistryError as error:
            if not tries_left or not _LOST_BLOB_CODES.intersection(error.codes):
                raise
            bring_blobs(replace(transfer, plan=transfer.plan.after_loss(transfer.known)))
        else:
            return


def _put_manifest(image: Image, transfer: Transfer) -> None:
    """Write one manifest by its digest, and see that the registry has it under that digest."""
    target, descriptor, pause = transfer.plan.target, image.descriptor, transfer.workers.pause

    def put() -> None:
        if target.registry.head_manifest(target.repository, descriptor.digest) is None:
            target.registry.put_manifest(target.repository, descriptor.digest, descriptor.media_type, image.manifest)

    retried(put, options=transfer.plan.options, sleep=pause)
    retried(lambda: _verify(target, descriptor), options=transfer.plan.options, sleep=pause)


def _verify(target: Target, descriptor: Descriptor) -> None:
    found = target.registry.head_manifest(target.repository, descriptor.digest)
    if found is None:
        # registries answer reads from copies that may lag behind by seconds
        message = f"{target.repository} does not show the manifest {descriptor.digest} that it has just accepted"
        raise RegistryError(message, transient=True)
    if found.digest != descriptor.digest or found.size not in (descriptor.size, 0):
        raise RegistryError(f"{target.repository} holds {found.digest} where {descriptor.digest} was pushed")


def _publish(pushed: _Pushed, tag_plan: TagPlan, provenance: Provenance, progress: Progress) -> PushResult:
    plan, image = pushed.plan, pushed.image
    publication = Publication(
        repository=plan.target.repository,
        digest=image.descriptor.digest,
        media_type=image.descriptor.media_type,
        size=image.size(),
        tags=tuple(_write_tag(step, plan, image, progress) for step in plan.tags),
        platforms=tuple(_published_platform(part) for part in image.platforms()),
        version=tag_plan.version,
        provenance=provenance,
    )
    return PushResult(publication, pushed.figures)


def _write_tag(step: TagStep, plan: PushPlan, image: Image, progress: Progress) -> PublishedTag:
    registry, repository, descriptor = plan.target.registry, plan.target.repository, image.descriptor
    if step.action is not TagAction.UNCHANGED and step.previous != descriptor.digest:
        retried(
            lambda: registry.put_manifest(repository, step.tag.name, descriptor.media_type, image.manifest),
            options=plan.options,
        )
    progress.tagged(Reference(repository, step.tag.name, descriptor.digest))
    return PublishedTag(step.tag.name, step.tag.moving, step.previous)


def _published_platform(image: Image) -> PublishedPlatform:
    size = sum(blob.descriptor.size for blob in image.blobs)
    return PublishedPlatform(image.platform, image.descriptor.digest, image.descriptor.media_type, size)
