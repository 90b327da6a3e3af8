"""One image of the record: a publication as JSON and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ci_publish.errors import MalformedError
from ci_publish.oci import Digest, Platform, Repository
from ci_publish.oci.document import JsonObject, field
from ci_publish.oci.reference import is_tag
from ci_publish.publish.publication import Provenance, Publication, PublishedPlatform, PublishedTag

# What this version writes; all other keys of an entry are another's, and stay.
ENTRY_KEYS: Final = frozenset(
    {"digest", "mediaType", "size", "tags", "platforms", "version", "commit", "ref", "runUrl", "time"}
)


def entry_to_json(publication: Publication, *, recorded: Publication | None) -> JsonObject:
    """The entry of a publication; what is unknown is left out.

    Args:
        publication: what was published.
        recorded: what the record has for the repository; it knows where a tag that did not move came from.
    """
    provenance = publication.provenance
    optional = {
        "version": publication.version,
        "commit": provenance.commit,
        "ref": provenance.ref,
        "runUrl": provenance.run_url,
    }
    return {
        "digest": str(publication.digest),
        "mediaType": publication.media_type,
        "size": publication.size,
        "tags": [_tag_to_json(tag, _previous(tag, publication, recorded)) for tag in publication.tags],
        "platforms": [_platform_to_json(platform) for platform in publication.platforms],
        "time": _time_text(provenance.time),
    } | {key: value for key, value in optional.items() if value}


def entry_from_json(repository: Repository, entry: JsonObject, what: str) -> Publication:
    """The publication that an entry of the record describes.

    Args:
        repository: what the entry is filed under.
        entry: a parsed JSON object.
        what: the entry's name in messages.

    Raises:
        MalformedError: a value is missing or malformed.
    """
    return Publication(
        repository=repository,
        digest=_digest(entry, "digest", what),
        media_type=field(entry, "mediaType", str, what),
        size=_size(entry, what),
        tags=tuple(_tag_from_json(tag, f"{place} of {what}") for place, tag in _objects(entry, "tags", what)),
        platforms=tuple(
            _platform_from_json(item, f"{place} of {what}") for place, item in _objects(entry, "platforms", what)
        ),
        version=field(entry, "version", str, what, required=False),
        provenance=Provenance(
            time=_time(entry, what),
            commit=field(entry, "commit", str, what, required=False),
            ref=field(entry, "ref", str, what, required=False),
            run_url=field(entry, "runUrl", str, what, required=False),
        ),
    )


def _previous(tag: PublishedTag, publication: Publication, recorded: Publication | None) -> Digest | None:
    if tag.previous != publication.digest:
        return tag.previous
    # The tag was here before this run, which did not move it.
    if recorded is None or recorded.digest != publication.digest:
        return None
    return next((known.previous for known in recorded.tags if known.name == tag.name), None)


def _tag_to_json(tag: PublishedTag, previous: Digest | None) -> JsonObject:
    document: dict[str, Any] = {"name": tag.name, "moving": tag.moving}
    return document | ({"previous": str(previous)} if previous else {})


def _tag_from_json(document: JsonObject, what: str) -> PublishedTag:
    name: str = field(document, "name", str, what)
    if not is_tag(name):
        raise MalformedError(f"{what}: {name[:140]!r} is not a tag")
    moving = document.get("moving", False)
    if not isinstance(moving, bool):
        raise MalformedError(f"'moving' in {what} is not true or false")
    previous = _digest(document, "previous", what) if document.get("previous") is not None else None
    return PublishedTag(name, moving, previous)


def _platform_to_json(image: PublishedPlatform) -> JsonObject:
    document: dict[str, Any] = {"digest": str(image.digest), "mediaType": image.media_type, "size": image.size}
    return document | ({"platform": image.platform.to_json()} if image.platform else {})


def _platform_from_json(document: JsonObject, what: str) -> PublishedPlatform:
    platform: JsonObject = field(document, "platform", dict, what, required=False)
    return PublishedPlatform(
        platform=Platform.from_json(platform, what) if platform else None,
        digest=_digest(document, "digest", what),
        media_type=field(document, "mediaType", str, what),
        size=_size(document, what),
    )


def _objects(entry: JsonObject, name: str, what: str) -> list[tuple[str, JsonObject]]:
    items: list[Any] = field(entry, name, list, what)
    places = [(f"{name}[{number}]", item) for number, item in enumerate(items)]
    for place, item in places:
        if not isinstance(item, dict):
            raise MalformedError(f"{place} of {what} is not an object")
    return places


def _digest(document: JsonObject, name: str, what: str) -> Digest:
    text: str = field(document, name, str, what)
    try:
        return Digest.parse(text)
    except MalformedError as error:
        raise MalformedError(f"{what}: {error.message}", hint=error.hint) from None


def _size(document: JsonObject, what: str) -> int:
    size: int = field(document, "size", int, what)
    if size < 0:
        raise MalformedError(f"{what} has the impossible size {size}")
    return size


def _time_text(time: datetime) -> str:
    # without a zone it is UTC, as Provenance says, and not the zone of this machine
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(entry: JsonObject, what: str) -> datetime:
    text: str = field(entry, "time", str, what)
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedError(
            f"{what}: {text[:40]!r} is not a time", hint="write UTC as in 2026-01-31T12:00:00Z"
        ) from None
