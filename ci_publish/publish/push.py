"""The push: blobs, manifests by digest, a look back, and only then the tags."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor, Digest, Image, Reference
from ci_publish.publish.compress import open_compressor
from ci_publish.publish.figures import Figures
from ci_publish.publish.plan import PushPlan, TagAction, TagStep
from ci_publish.publish.progress import Progress
from ci_publish.publish.publication import Provenance, Publication, PublishedPlatform, PublishedTag
from ci_publish.publish.retry import retrying
from ci_publish.publish.upload import Transfer, upload_blobs
from ci_publish.tags import TagPlan


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
    known: dict[Digest, Descriptor] = {}
    try:
        pushed = [_push_content(plan, known, progress) for plan in plans]
        return tuple(_publish(each, tag_plan, provenance, progress) for each in pushed)
    finally:
        progress.end()


def _push_content(plan: PushPlan, known: dict[Digest, Descriptor], progress: Progress) -> _Pushed:
    progress.begin(plan)
    with open_compressor(plan.options.compression) as compressor, ThreadPoolExecutor(plan.options.jobs) as executor:
        transfer = Transfer(plan, compressor, known, progress, stop=Event())
        outcomes = upload_blobs(transfer, executor)
    known.update({outcome.step.blob.descriptor.digest: outcome.published for outcome in outcomes})
    image = plan.published_image(known)
    for part in image.walk():
        _put_manifest(plan, part)
    return _Pushed(plan, image, Figures.of(outcomes))


def _put_manifest(plan: PushPlan, image: Image) -> None:
    """Write one manifest by its digest, and see that the registry has it under that digest."""
    registry, repository, descriptor = plan.target.registry, plan.target.repository, image.descriptor
    for attempt in retrying(plan.options, on_retry=lambda _: None):
        with attempt:
            if registry.head_manifest(repository, descriptor.digest) is None:
                registry.put_manifest(repository, descriptor.digest, descriptor.media_type, image.manifest)
    for attempt in retrying(plan.options, on_retry=lambda _: None):
        with attempt:
            _verify(plan, descriptor)


def _verify(plan: PushPlan, descriptor: Descriptor) -> None:
    found = plan.target.registry.head_manifest(plan.target.repository, descriptor.digest)
    if found is None:
        # registries answer reads from copies that may lag behind by seconds
        message = f"{plan.target.repository} does not show the manifest {descriptor.digest} that it has just accepted"
        raise RegistryError(message, transient=True)
    if found.digest != descriptor.digest or found.size not in (descriptor.size, 0):
        raise RegistryError(f"{plan.target.repository} holds {found.digest} where {descriptor.digest} was pushed")


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
        for attempt in retrying(plan.options, on_retry=lambda _: None):
            with attempt:
                registry.put_manifest(repository, step.tag.name, descriptor.media_type, image.manifest)
    progress.tagged(Reference(repository, step.tag.name, descriptor.digest))
    return PublishedTag(step.tag.name, step.tag.moving, step.previous)


def _published_platform(image: Image) -> PublishedPlatform:
    size = sum(blob.descriptor.size for blob in image.blobs)
    return PublishedPlatform(image.platform, image.descriptor.digest, image.descriptor.media_type, size)
