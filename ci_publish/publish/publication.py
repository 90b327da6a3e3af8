"""What was published: the facts of a finished push."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ci_publish.oci import Digest, Platform, Repository


@dataclass(frozen=True, slots=True)
class PublishedTag:
    """A tag that now points at the publication's digest.

    Args:
        name: the tag.
        moving: whether later publications may move it, as `latest` or `1.2`.
        previous: what it pointed at before; `None` when it is new.
    """

    name: str
    moving: bool = False
    previous: Digest | None = None


@dataclass(frozen=True, slots=True)
class PublishedPlatform:
    """One runnable image of the publication.

    Args:
        platform: what it runs on; `None` for an artifact that names none.
        digest: of its manifest.
        media_type: of its manifest.
        size: bytes of its layers and config in the registry.
    """

    platform: Platform | None
    digest: Digest
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a publication came from: empty strings where unknown.

    Args:
        commit: full SHA of the commit.
        ref: the git ref, such as `refs/tags/v1.2.3`.
        run_url: page of the workflow run.
        time: when it was published, in UTC.
    """

    time: datetime
    commit: str = ""
    ref: str = ""
    run_url: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """One image or index that a repository now holds under a digest and tags.

    Args:
        repository: where.
        digest: of the manifest or index.
        media_type: of the manifest or index.
        size: bytes of all its content in the registry, each digest counted once.
        tags: in the order they were written; empty when pushed by digest only.
        platforms: the runnable images, one for an image that is no index.
        version: the version the tag plan chose; empty when none.
        provenance: commit, ref, run and time.
    """

    repository: Repository
    digest: Digest
    media_type: str
    size: int
    tags: tuple[PublishedTag, ...]
    platforms: tuple[PublishedPlatform, ...]
    version: str
    provenance: Provenance

    @property
    def pinned(self) -> str:
        """The reference that always pulls exactly this: `NAME@DIGEST`."""
        return f"{self.repository}@{self.digest}"
