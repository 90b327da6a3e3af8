"""Publications and records, made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from ci_publish.oci import Digest, Platform, Repository
from ci_publish.oci.media_types import OCI_INDEX, OCI_MANIFEST
from ci_publish.publish.publication import Provenance, Publication, PublishedPlatform, PublishedTag
from ci_publish.record import Record

PROVENANCE = Provenance(
    time=datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC),
    commit="c0ffee" + "0" * 34,
    ref="refs/tags/v1.2.3",
    run_url="https://github.com/acme/app/actions/runs/1",
)


def digest(character: str) -> Digest:
    """The digest that is one hex digit, over and over: easy to tell apart, easy to read."""
    return Digest("sha256", character * 64)


def publication(
    name: str = "ghcr.io/acme/app",
    *,
    character: str = "a",
    tags: Sequence[str | PublishedTag] = ("1.2.3", "1.2", "latest"),
    provenance: Provenance = PROVENANCE,
    version: str = "1.2.3",
) -> Publication:
    """An index for two platforms, as it was published."""
    platforms = (
        PublishedPlatform(Platform("linux", "amd64"), digest("1"), OCI_MANIFEST, 1000),
        PublishedPlatform(Platform("linux", "arm", "v7"), digest("2"), OCI_MANIFEST, 900),
    )
    return Publication(
        repository=Repository.parse(name),
        digest=digest(character),
        media_type=OCI_INDEX,
        size=2345,
        tags=tuple(PublishedTag(tag) if isinstance(tag, str) else tag for tag in tags),
        platforms=platforms,
        version=version,
        provenance=provenance,
    )


def record(*publications: Publication) -> Record:
    """The record of these publications."""
    return Record().with_publications(publications)


_digests = st.binary(max_size=4).map(Digest.of)
_sizes = st.integers(0, 2**63 - 1)
_tags = st.builds(PublishedTag, st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True), st.booleans())
_platforms = st.builds(
    Platform,
    st.sampled_from(("linux", "windows")),
    st.sampled_from(("amd64", "arm", "arm64")),
    st.sampled_from(("", "v7", "v8")),
    st.sampled_from(("", "10.0.20348.1")),
)
_times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)

publications = st.builds(
    Publication,
    repository=st.sampled_from(("ghcr.io/acme/app", "localhost:5000/a", "myapp"))
    .map(Repository.parse)
    .map(lambda repository: Repository(repository.registry, repository.path)),
    digest=_digests,
    media_type=st.sampled_from((OCI_INDEX, OCI_MANIFEST)),
    size=_sizes,
    tags=st.lists(_tags, max_size=4, unique_by=lambda tag: tag.name).map(tuple),
    platforms=st.lists(
        st.builds(PublishedPlatform, st.none() | _platforms, _digests, st.just(OCI_MANIFEST), _sizes), max_size=3
    ).map(tuple),
    version=st.text(max_size=10),
    provenance=st.builds(Provenance, _times, st.text(max_size=10), st.text(max_size=10), st.text(max_size=10)),
)
"""Any publication, its tags new."""
