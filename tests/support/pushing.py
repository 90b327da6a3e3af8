"""Pushes as the program makes them, without the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from ci_publish.oci import Blob, Digest, Image, Reference, Repository
from ci_publish.publish.options import PushOptions
from ci_publish.publish.plan import PushPlan, Target, plan_pushes
from ci_publish.publish.progress import Progress, Silence
from ci_publish.publish.publication import Provenance
from ci_publish.publish.push import PushResult, push
from ci_publish.registry import Registry, Settings, connect, fetch_image
from ci_publish.sources import open_source
from ci_publish.tags import Tag, TagPlan
from tests.support.validate import read_all

SETTINGS = Settings(clock=time.monotonic, proxies_from_environment=False)
PROVENANCE = Provenance(datetime(2026, 1, 2, tzinfo=UTC), commit="c0ffee", ref="refs/tags/v1.2.3")
# A failed step is tried again at once or not at all: tests wait for nothing.
IMPATIENT = PushOptions(retry_for=0)


def tag_plan(repositories: Sequence[Repository], names: Sequence[str]) -> TagPlan:
    """A plan of these tags; a full version does not move."""
    tags = tuple(Tag(name, rule="test", moving=name.count(".") < 2) for name in names)
    return TagPlan(tuple(repositories), version=names[0] if names else "", tags=tags)


@contextmanager
def connected(*repositories: Repository) -> Iterator[list[Target]]:
    """Targets for repositories of one registry, in one connection."""
    with connect(repositories[0].registry, settings=SETTINGS, credentials=None, push_to=repositories) as registry:
        yield [Target(registry, repository) for repository in repositories]


def plan_archive(
    image: Image, targets: Sequence[Target], names: Sequence[str], options: PushOptions = IMPATIENT
) -> tuple[PushPlan, ...]:
    """The plans to push an image under these tags."""
    tags = tag_plan([target.repository for target in targets], names).tags
    return plan_pushes(image, tags, targets, options=options, note=lambda _: None)


def push_archive(
    path: Path,
    repositories: Sequence[Repository],
    names: Sequence[str],
    *,
    options: PushOptions = IMPATIENT,
    progress: Progress | None = None,
) -> tuple[PushResult, ...]:
    """Push the first image of an archive under these tags."""
    with open_source(path, select="@0") as archive, connected(*repositories) as targets:
        plans = plan_archive(archive.image, targets, names, options)
        plan = tag_plan(repositories, names)
        return push(plans, plan, provenance=PROVENANCE, progress=progress or Silence())


def fetched(repository: Repository, ref: str | Digest) -> Image:
    """An image with everything in memory that the registry holds under this tag or digest."""
    with connected(repository) as targets:
        return _in_memory(targets[0].registry, repository, ref)


def _in_memory(registry: Registry, repository: Repository, ref: str | Digest) -> Image:
    reference = Reference(repository, digest=ref) if isinstance(ref, Digest) else Reference(repository, tag=ref)
    return _loaded(fetch_image(registry, reference))


def _loaded(image: Image) -> Image:
    blobs = tuple(blob if blob.descriptor.is_foreign else _loaded_blob(blob) for blob in image.blobs)
    return replace(image, blobs=blobs, children=tuple(map(_loaded, image.children)))


def _loaded_blob(blob: Blob) -> Blob:
    data = read_all(blob)
    return replace(blob, open=lambda: BytesIO(data))
