"""The spec's chapter "Content Discovery": tags and referrers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from ci_publish.oci import Descriptor, Digest, parse_manifest
from ci_publish.oci.document import JsonObject
from ci_publish.oci.media_types import OCI_INDEX
from ci_publish.server.exchange import Answer, Call
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.storage import Storage

# A client need not accept a manifest above 4 MiB, which holds for a list of referrers too.
_MAX_LIST_BYTES = 3 * 1024 * 1024


def tags(storage: Storage, request: Request, *, repository: str) -> Answer:
    """The repository's tags in order, from behind `last`, `n` of them ("Listing Tags")."""
    call, catalogue = request.call, storage.catalogue
    if not catalogue.has_repository(repository):
        raise Refusal("NAME_UNKNOWN", "there is no such repository", detail=repository)
    limit = _limit(call)
    # one more than asked for tells whether there are more
    found = catalogue.tags(repository, after=call.parameter("last") or "", limit=-1 if limit is None else limit + 1)
    page = found if limit is None else found[:limit]
    headers = {}
    if page and len(found) > len(page):
        headers["Link"] = _next(call, {"n": str(limit), "last": page[-1]})
    return Answer.json(200, {"name": repository, "tags": page}, headers, media_type="application/json")


def referrers(storage: Storage, request: Request, *, repository: str, digest: Digest) -> Answer:
    """An index of the manifests whose subject this is; empty when there are none ("Listing Referrers")."""
    call = request.call
    wanted = call.parameter("artifactType")
    headers = {} if wanted is None else {"OCI-Filters-Applied": "artifactType"}
    page: list[JsonObject] = []
    size = 0
    for entry in _descriptors(storage, repository, digest, after=call.parameter("last") or ""):
        if wanted is not None and entry.get("artifactType") != wanted:
            continue
        size += len(json.dumps(entry))
        if page and size > _MAX_LIST_BYTES:
            headers["Link"] = _next(call, {"last": page[-1]["digest"]})
            break
        page.append(entry)
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": page}
    return Answer.json(200, document, headers, media_type=OCI_INDEX)


def _limit(call: Call) -> int | None:
    text = call.parameter("n")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refusal("UNSUPPORTED", "n is not a whole number", status=400, detail=text[:100])
    return int(text)


def _next(call: Call, parameters: dict[str, str]) -> str:
    # RFC 8288; what else the client asked for holds for the next page too
    query = {name: values[0] for name, values in call.query.items()} | parameters
    return f'<{call.path}?{urlencode(query)}>; rel="next"'


def _descriptors(storage: Storage, repository: str, subject: Digest, *, after: str) -> Iterator[JsonObject]:
    for stored in storage.catalogue.referrers(repository, subject, after=after):
        manifest = parse_manifest(stored.content, f"manifest {stored.digest.short}", media_type=stored.media_type)
        yield Descriptor(
            stored.media_type,
            stored.digest,
            len(stored.content),
            annotations=manifest.annotations,
            artifact_type=manifest.artifact_type,
        ).to_json()
