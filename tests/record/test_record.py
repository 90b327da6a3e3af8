"""The record as a value: what is written is read back, and what is not ours is kept."""

import dataclasses
import json
from datetime import timedelta
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from ci_publish.errors import UsageError
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.publish.publication import Provenance, Publication, PublishedTag
from ci_publish.record import SCHEMA_URL, Record
from tests.support.publications import PROVENANCE, digest, publication, publications, record

SCHEMA = json.loads(files("ci_publish.record").joinpath("digests.lock.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def reread(made: Record) -> Record:
    return Record.parse(made.to_bytes(), "the record")


def document_of(made: Record) -> Any:
    return json.loads(made.to_bytes())


@given(publications)
def test_what_is_written_is_read_back(published: Publication) -> None:
    assert reread(record(published)).images == {str(published.repository): published}


@given(publications)
def test_what_is_written_follows_the_schema(published: Publication) -> None:
    VALIDATOR.validate(document_of(record(published)))


@given(publications, publications)
def test_publishing_the_same_again_changes_no_byte(first: Publication, other: Publication) -> None:
    made = record(other, first)
    # the second time, the registry has the tags already, and they point at what is published
    again = dataclasses.replace(
        first, tags=tuple(dataclasses.replace(tag, previous=first.digest) for tag in first.tags)
    )
    assert reread(made).with_publications([again]).to_bytes() == made.to_bytes()


@given(publications)
def test_reading_and_writing_changes_no_byte(published: Publication) -> None:
    data = record(published).to_bytes()
    assert Record.parse(data, "the record").to_bytes() == data


def test_the_bytes_do_not_depend_on_the_order_of_publishing() -> None:
    one, two = publication("ghcr.io/acme/one"), publication("ghcr.io/acme/two")
    assert record(one, two).to_bytes() == record(two, one).to_bytes()


def test_the_file_is_sorted_indented_and_ends_in_a_line_end() -> None:
    text = record(publication()).to_bytes().decode()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


def test_schema_and_record_name_each_other() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    head = document_of(record(publication()))
    assert (head["$schema"], head["version"]) == (SCHEMA["$id"], SCHEMA["properties"]["version"]["const"])
    assert SCHEMA["$id"] == SCHEMA_URL


def test_the_schema_describes_every_field() -> None:
    def undescribed(schema: Any) -> list[Any]:
        below = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
        return [part for part in below if not part.get("description")] + [
            found for part in below for found in undescribed(part)
        ]

    assert undescribed(SCHEMA) == []


def test_the_schema_knows_every_key_that_is_written() -> None:
    entry = document_of(record(publication(tags=[PublishedTag("1", previous=digest("b"))])))["images"][
        "ghcr.io/acme/app"
    ]
    definitions = SCHEMA["$defs"]
    assert set(entry) == set(definitions["image"]["properties"])
    assert set(entry["tags"][0]) == set(definitions["tag"]["properties"])
    assert set(entry["platforms"][0]) == set(definitions["platformImage"]["properties"])


def test_another_image_is_kept_and_the_same_one_replaced() -> None:
    before = record(publication("ghcr.io/acme/other"), publication(character="a"))
    after = before.with_publications([publication(character="b")])
    assert after.images["ghcr.io/acme/other"] == before.images["ghcr.io/acme/other"]
    assert after.images["ghcr.io/acme/app"].digest == digest("b")


def test_keys_of_others_are_kept_everywhere_but_in_what_was_published_anew() -> None:
    document = document_of(record(publication("ghcr.io/acme/other"), publication()))
    document["note"] = {"é": [1, None, 2.5]}
    other, same = document["images"]["ghcr.io/acme/other"], document["images"]["ghcr.io/acme/app"]
    other["tags"][0]["signed"] = other["platforms"][0]["sbom"] = same["owner"] = "us"
    VALIDATOR.validate(document)

    after = document_of(
        Record.parse(json.dumps(document).encode(), "r").with_publications([publication(character="b")])
    )
    assert after["note"] == document["note"]
    assert after["images"]["ghcr.io/acme/other"] == other
    assert after["images"]["ghcr.io/acme/app"]["owner"] == "us"


def test_what_is_unknown_now_does_not_stay_from_the_last_time() -> None:
    bare = publication(provenance=Provenance(PROVENANCE.time), version="")
    entry = document_of(record(publication()).with_publications([bare]))["images"]["ghcr.io/acme/app"]
    assert entry.keys().isdisjoint({"version", "commit", "ref", "runUrl"})


def test_previous_is_what_a_moved_tag_pointed_at() -> None:
    first = record(publication(character="a"))
    moved = publication(character="b", tags=[PublishedTag("latest", moving=True, previous=digest("a"))])
    again = publication(character="b", tags=[PublishedTag("latest", moving=True, previous=digest("b"))])
    for made in (first.with_publications([moved]), first.with_publications([moved]).with_publications([again])):
        assert made.images["ghcr.io/acme/app"].tags[0].previous == digest("a")


def test_a_tag_that_was_found_in_place_has_no_previous() -> None:
    found = publication(character="b", tags=[PublishedTag("latest", previous=digest("b"))])
    for made in (record(found), record(publication(character="a")).with_publications([found])):
        assert made.images["ghcr.io/acme/app"].tags[0].previous is None


def test_times_are_written_in_utc_to_the_second() -> None:
    for time in (
        PROVENANCE.time.astimezone(PROVENANCE.time.astimezone().tzinfo) + timedelta(microseconds=7),
        PROVENANCE.time.replace(tzinfo=None),
    ):
        made = record(publication(provenance=Provenance(time)))
        assert document_of(made)["images"]["ghcr.io/acme/app"]["time"] == "2026-01-31T12:00:00Z"


def test_a_ref_that_is_no_text_can_be_written_and_read() -> None:
    made = record(publication(provenance=Provenance(PROVENANCE.time, ref="refs/heads/\udcff\u2028é")))
    [image] = reread(made).images.values()
    assert image.provenance.ref == "refs/heads/?\u2028é"


def edited(**changes: Any) -> bytes:
    """A record with changed keys in the entry of its image."""
    document = document_of(record(publication()))
    document["images"]["ghcr.io/acme/app"] |= changes
    return json.dumps(document).encode()


def renamed(name: str) -> bytes:
    document = document_of(record(publication()))
    document["images"][name] = document["images"].pop("ghcr.io/acme/app")
    return json.dumps(document).encode()


MALFORMED = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe",
    "not JSON": b"{",
    "not an object": b"[]",
    "nested deeply": b"[" * 100_000,
    "too large": b" " * (MAX_DOCUMENT_SIZE + 1),
    "no version": b'{"images": {}}',
    "version is text": b'{"version": "1", "images": {}}',
    "version is true": b'{"version": true, "images": {}}',
    "version 0": b'{"version": 0, "images": {}}',
    "no images": b'{"version": 1}',
    "images is a list": b'{"version": 1, "images": []}',
    "entry is text": b'{"version": 1, "images": {"ghcr.io/a/b": "sha256:"}}',
    "key twice": b'{"version": 1, "images": {}, "images": {}}',
    "name in upper case": renamed("ghcr.io/Acme/app"),
    "name without host": renamed("app"),
    "name with tag": renamed("ghcr.io/acme/app:1"),
    "digest missing": edited(digest=None),
    "digest short": edited(digest="sha256:abc"),
    "digest a number": edited(digest=1),
    "size negative": edited(size=-1),
    "size a fraction": edited(size=1.5),
    "tags an object": edited(tags={}),
    "tag an empty object": edited(tags=[{}]),
    "tag with a slash": edited(tags=[{"name": "a/b"}]),
    "moving a text": edited(tags=[{"name": "a", "moving": "no"}]),
    "previous no digest": edited(tags=[{"name": "a", "previous": "latest"}]),
    "platforms of text": edited(platforms=["linux/amd64"]),
    "platform without digest": edited(platforms=[{"size": 1, "mediaType": ""}]),
    "platform's os a number": edited(
        platforms=[{"size": 1, "mediaType": "", "digest": str(digest("a")), "platform": {"os": 1}}]
    ),
    "time missing": edited(time=None),
    "time no time": edited(time="yesterday"),
    "time out of range": edited(time="0001-01-01T00:00:00+23:59"),
    "commit a number": edited(commit=1),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_record_is_refused_in_one_line_with_a_hint(data: bytes) -> None:
    with pytest.raises(UsageError, match="my record") as refused:
        Record.parse(data, "my record")
    assert refused.value.hint
    assert "\n" not in refused.value.message


def test_a_record_of_a_newer_version_is_not_touched() -> None:
    with pytest.raises(UsageError, match=r"version 2 .* up to 1") as refused:
        Record.parse(b'{"version": 2, "pictures": {}}', "r")
    assert "newer" in str(refused.value.hint)


def test_what_json_cannot_hold_is_not_written() -> None:
    read = Record.parse(b'{"version": 1, "images": {}, "x": 1e999}', "r")
    with pytest.raises(UsageError, match="cannot be written"):
        read.to_bytes()


def test_a_record_that_could_not_be_read_back_is_not_written() -> None:
    padding = json.dumps({"version": 1, "images": {}, "x": "x" * (MAX_DOCUMENT_SIZE - 100)}).encode()
    with pytest.raises(UsageError, match="limit"):
        Record.parse(padding, "r").with_publications([publication()]).to_bytes()
