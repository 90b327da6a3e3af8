"""The digest record as a value: parsed from bytes, added to, turned into bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Final, Self

from ci_publish.errors import MalformedError, UsageError
from ci_publish.oci import Repository
from ci_publish.oci.document import MAX_DOCUMENT_SIZE, JsonObject, field, parse_object
from ci_publish.publish.publication import Publication
from ci_publish.record.entry import ENTRY_KEYS, entry_from_json, entry_to_json

SCHEMA_VERSION: Final = 1
# `$id` of digests.lock.schema.json: a record of another version names another schema.
SCHEMA_URL: Final = f"https://ci-publish.github.io/schemas/digests.lock.v{SCHEMA_VERSION}.json"


@dataclass(frozen=True, slots=True)
class Record:
    """The last publication of every image, by the full name of its repository.

    Args:
        images: `HOST/PATH` → what was published there last.
        document: the JSON these were read from; it keeps the keys that this version does not know.
    """

    images: Mapping[str, Publication] = dataclass_field(default_factory=dict)
    document: JsonObject = dataclass_field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, data: bytes, what: str) -> Self:
        """The record in these bytes.

        Args:
            data: UTF-8 JSON, at most `MAX_DOCUMENT_SIZE` bytes.
            what: the record's name in messages.

        Raises:
            UsageError: it is not a record, a value in it is malformed, or a newer ci-publish wrote it.
        """
        try:
            document = parse_object(data, what)
            _check_version(document, what)
            entries: JsonObject = field(document, "images", dict, what)
            images = {name: _parse_entry(name, entry, what) for name, entry in entries.items()}
        except MalformedError as error:
            raise UsageError(error.message, hint=error.hint or _REWRITE_HINT) from None
        return cls(images, document)

    def with_publications(self, publications: Iterable[Publication]) -> Self:
        """This record with these publications in the place of what it had for their repositories.

        Publishing unchanged content again leaves the record as it was: a tag that already pointed at the
        digest keeps the `previous` that is recorded for it.
        """
        images = dict(self.images)
        entries = dict(self.document.get("images", {}))
        for publication in publications:
            name = str(publication.repository)
            kept = {key: value for key, value in entries.get(name, {}).items() if key not in ENTRY_KEYS}
            entries[name] = kept | entry_to_json(publication, recorded=images.get(name))
            images[name] = entry_from_json(publication.repository, entries[name], name)
        head = {"$schema": SCHEMA_URL, "version": SCHEMA_VERSION, "images": entries}
        return type(self)(images, self.document | head)

    def to_bytes(self) -> bytes:
        """The bytes of the file: equal records have equal bytes.

        Raises:
            UsageError: the record grew larger than what can be read back, or holds a number JSON has not.
        """
        try:
            text = json.dumps(self.document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        except ValueError as error:
            raise UsageError(f"the record cannot be written as JSON: {error}", hint=_REWRITE_HINT) from None
        # a git ref need not be UTF-8 text, and a record must be
        data = f"{text}\n".encode(errors="replace")
        if len(data) > MAX_DOCUMENT_SIZE:
            raise UsageError(
                f"the record would have {len(data)} bytes; the limit is {MAX_DOCUMENT_SIZE}",
                hint="remove entries of images that are no longer published",
            )
        return data


_REWRITE_HINT = "restore the file from git, or remove it and publish again"


def _check_version(document: JsonObject, what: str) -> None:
    version: int = field(document, "version", int, what)
    if version > SCHEMA_VERSION:
        raise UsageError(
            f"{what} has version {version} of the record; this ci-publish knows up to {SCHEMA_VERSION}",
            hint="use the ci-publish that wrote it, or a newer one",
        )
    if version < 1:
        raise MalformedError(f"{what} has the impossible version {version}")


def _parse_entry(name: str, entry: object, what: str) -> Publication:
    place = f"images[{name[:300]!r}] of {what}"
    if not isinstance(entry, dict):
        raise MalformedError(f"{place} is not an object")
    return entry_from_json(_parse_name(name, place), entry, place)


def _parse_name(name: str, place: str) -> Repository:
    try:
        repository = Repository.parse(name)
    except UsageError as error:
        raise MalformedError(f"{place}: {error.message}", hint=error.hint) from None
    if str(repository) != name:
        # Two spellings of one name would be two entries.
        raise MalformedError(f"{place} is not a full name", hint=f"write {str(repository)!r}")
    return repository
