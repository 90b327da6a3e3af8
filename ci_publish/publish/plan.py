"""The plan of a push: what the registry has, what it needs, and what each tag will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ci_publish.oci import Blob, Descriptor, Digest, Image, Repository
from ci_publish.oci.compose import recompose
from ci_publish.oci.image import is_plain_layer
from ci_publish.oci.media_types import FAMILIES
from ci_publish.publish.options import PushOptions
from ci_publish.publish.reuse import published_layers
from ci_publish.publish.workers import Workers, open_workers
from ci_publish.registry import Registry
from ci_publish.tags import Tag


class BlobAction(StrEnum):
    """What a push does about one blob."""

    EXISTS = "exists"  # the repository holds these bytes
    REUSE = "reuse"  # the repository holds this layer, compressed by an earlier push
    MOUNT = "mount"  # another repository of the registry holds it
    UPLOAD = "upload"


class TagAction(StrEnum):
    """What a push does about one tag."""

    CREATE = "create"
    MOVE = "move"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class BlobStep:
    """One blob of the image and how the repository comes to hold it.

    Args:
        blob: what the source has.
        action: how.
        published: what the repository holds afterwards; `None` when only compression will tell.
        source: the repository to mount from.
    """

    blob: Blob
    action: BlobAction
    published: Descriptor | None
    source: Repository | None = None


@dataclass(frozen=True, slots=True)
class TagStep:
    """One tag and what it points at now; `previous` is `None` when there is no such tag."""

    tag: Tag
    action: TagAction
    previous: Digest | None


@dataclass(frozen=True, slots=True)
class Target:
    """A repository and the registry it is in."""

    registry: Registry
    repository: Repository


@dataclass(frozen=True, slots=True)
class PushPlan:
    """All that a push to one repository will do, in order.

    Args:
        target: where.
        image: what, as the source has it.
        blobs: one step for each digest.
        tags: immutable ones first, then moving ones.
    """

    target: Target
    image: Image
    blobs: tuple[BlobStep, ...]
    tags: tuple[TagStep, ...]
    options: PushOptions

    def published_image(self, compressed: Mapping[Digest, Descriptor] | None = None) -> Image:
        """The image as the repository will hold it.

        Args:
            compressed: for the digests of plain layers that this push compressed, what they became.
        """
        layers = {step.blob.descriptor.digest: step.published for step in self.blobs if step.published}
        return recompose(self.image, {**layers, **(compressed or {})}, family=FAMILIES[self.options.media_types])

    def after_loss(self, known: Mapping[Digest, Descriptor]) -> PushPlan:
        """The plan for a registry that does not know a blob which it had: all are looked up again.

        Args:
            known: for the digests of the source's blobs, what the repository should hold by now.
        """

        def again(step: BlobStep) -> BlobStep:
            digest = step.blob.descriptor.digest
            published = known[digest]
            if self.target.registry.blob_size(self.target.repository, published.digest) is not None:
                return BlobStep(step.blob, BlobAction.EXISTS, published)
            return BlobStep(step.blob, BlobAction.UPLOAD, published if published.digest == digest else None)

        return replace(self, blobs=tuple(map(again, self.blobs)))

    @property
    def digest(self) -> Digest | None:
        """The digest that will be published; `None` when only compression will tell."""
        return self.published_image().descriptor.digest if all(step.published for step in self.blobs) else None


def plan_pushes(
    image: Image,
    tags: Sequence[Tag],
    targets: Sequence[Target],
    *,
    options: PushOptions,
    note: Callable[[str], None],
) -> tuple[PushPlan, ...]:
    """The plans for several repositories; arguments and errors as in `plan_push`.

    Blobs that go to one repository are mounted from there into the next ones of the same registry.
    """
    with open_workers(options.questions) as workers:
        return tuple(
            plan_push(image, tags, target, options=options, siblings=targets[:i], workers=workers, note=note)
            for i, target in enumerate(targets)
        )


def plan_push(
    image: Image,
    tags: Sequence[Tag],
    target: Target,
    *,
    options: PushOptions,
    siblings: Sequence[Target],
    workers: Workers,
    note: Callable[[str], None],
) -> PushPlan:
    """The plan for one repository, made by asking its registry.

    Args:
        image: what to push.
        tags: in the order of the tag plan; none to push by digest only.
        target: where.
        options: how.
        siblings: targets planned before this one, whose blobs can be mounted when the registry is the same.
        workers: ask the questions, side by side.
        note: told what was odd but does not matter.

    Raises:
        RegistryError: the registry failed, or does not let us in.
    """
    current = _current_digests(tags, target, workers)
    layers: Mapping[Digest, Descriptor] = {}
    if any(is_compressible(blob, image, options) for image in image.walk() for blob in image.blobs):
        digests = {digest for digest in current.values() if digest}
        refs: tuple[str | Digest, ...] = (*sorted(digests), *options.reuse_from)
        layers = published_layers(target.registry, target.repository, refs, options=options, note=note)
    source = next((s.repository for s in siblings if s.registry is target.registry), None)
    planned = [_plan_blob(image, blob, options=options, layers=layers, source=source) for image, blob in _blobs(image)]
    steps = workers.map(lambda step: _look_up(step, target), planned)
    plan = PushPlan(target, image, tuple(steps), (), options)
    return replace(plan, tags=_plan_tags(tags, current, plan.digest))


def _blobs(image: Image) -> Iterable[tuple[Image, Blob]]:
    seen: set[Digest] = set()
    for part in image.walk():
        for blob in part.blobs:
            if blob.descriptor.digest not in seen and not blob.descriptor.is_foreign:
                seen.add(blob.descriptor.digest)
                yield part, blob


def is_compressible(blob: Blob, image: Image, options: PushOptions) -> bool:
    """Whether a blob of this image is published in another form than the source has."""
    return image.composed and is_plain_layer(blob) and options.compression != "none"


def _plan_blob(
    image: Image, blob: Blob, *, options: PushOptions, layers: Mapping[Digest, Descriptor], source: Repository | None
) -> BlobStep:
    absent = BlobAction.MOUNT if source else BlobAction.UPLOAD
    if not is_compressible(blob, image, options):
        return BlobStep(blob, absent, blob.descriptor, source)
    known = layers.get(blob.descriptor.digest)
    if known:
        return BlobStep(blob, BlobAction.REUSE, known)
    return BlobStep(blob, absent, None, source)


def _look_up(step: BlobStep, target: Target) -> BlobStep:
    if step.published is None:
        return step
    size = target.registry.blob_size(target.repository, step.published.digest)
    if size is None and step.action is BlobAction.REUSE:
        # the tag's manifest names it, and yet it is gone: send our own
        return BlobStep(step.blob, BlobAction.UPLOAD, None)
    if size is None or step.action is BlobAction.REUSE:
        return step
    return BlobStep(step.blob, BlobAction.EXISTS, step.published)


def _current_digests(tags: Sequence[Tag], target: Target, workers: Workers) -> dict[str, Digest | None]:
    def current(tag: Tag) -> Digest | None:
        descriptor = target.registry.head_manifest(target.repository, tag.name)
        return descriptor.digest if descriptor else None

    return dict(zip((tag.name for tag in tags), workers.map(current, tags), strict=True))


def _plan_tags(tags: Sequence[Tag], current: Mapping[str, Digest | None], digest: Digest | None) -> tuple[TagStep, ...]:
    def step(tag: Tag) -> TagStep:
        previous = current[tag.name]
        if previous is None:
            return TagStep(tag, TagAction.CREATE, None)
        return TagStep(tag, TagAction.UNCHANGED if previous == digest else TagAction.MOVE, previous)

    # whoever follows a moving tag must find the immutable ones there already
    return tuple(map(step, sorted(tags, key=lambda tag: tag.moving)))
