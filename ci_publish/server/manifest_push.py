"""The spec's section "Pushing Manifests": accepted only when all that they name is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ci_publish.errors import MalformedError
from ci_publish.oci import Descriptor, Digest, ImageManifest, Index, parse_manifest
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.oci.media_types import INDEX_TYPES, MANIFEST_TYPES
from ci_publish.oci.reference import TAG_HINT, is_tag
from ci_publish.server.catalogue import Catalogue, StoredManifest
from ci_publish.server.exchange import Answer, Call
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.storage import Storage


def put(storage: Storage, request: Request, *, repository: str, reference: Digest | str) -> Answer:
    """The manifest under its digest, its tag, or its digest with the tags of the query."""
    tags = _tags(request.call, reference)
    content = request.body.content(limit=MAX_DOCUMENT_SIZE)
    if content is None:
        message = f"the manifest is larger than {MAX_DOCUMENT_SIZE} bytes"
        raise Refusal("MANIFEST_INVALID", message, status=413)
    digest = _checked_digest(content, reference)
    parsed = _parse(content, request.call)
    subject = parsed.subject.digest if parsed.subject else None
    with storage.catalogue.transaction():
        _require(storage.catalogue, repository, parsed)
        stored = StoredManifest(digest, parsed.media_type, content, subject)
        storage.catalogue.put_manifest(repository, stored, tags)
    headers: dict[str, str | tuple[str, ...]] = {
        "Location": f"/v2/{repository}/manifests/{digest}",
        "Docker-Content-Digest": str(digest),
    }
    if subject:
        headers["OCI-Subject"] = str(subject)
    if isinstance(reference, Digest) and tags:
        headers["OCI-Tag"] = tags
    return Answer(201, headers)


def _tags(call: Call, reference: Digest | str) -> tuple[str, ...]:
    tags = call.query.get("tag", ()) if isinstance(reference, Digest) else (reference,)
    for tag in tags:
        if not is_tag(tag):
            raise Refusal("MANIFEST_INVALID", f"{tag[:140]!r} is not a tag", detail=TAG_HINT)
    return tags


def _checked_digest(content: bytes, reference: Digest | str) -> Digest:
    if isinstance(reference, str):
        return Digest.of(content)
    found = Digest.from_hasher(hashlib.new(reference.algorithm, content))
    if found != reference:
        raise Refusal("DIGEST_INVALID", f"the manifest has the digest {found}", detail=str(reference))
    return found


def _parse(content: bytes, call: Call) -> ImageManifest | Index:
    media_type = call.headers.get("content-type", "").partition(";")[0].strip()
    try:
        return parse_manifest(content, "the manifest", media_type=media_type)
    except MalformedError as error:
        raise Refusal("MANIFEST_INVALID", error.message, detail=error.hint) from None


def _require(catalogue: Catalogue, repository: str, parsed: ImageManifest | Index) -> None:
    missing = []
    for named, size in _references(catalogue, repository, parsed):
        if size is None:
            missing.append(str(named.digest))
        elif size != named.size:
            message = f"the manifest gives {named.digest} {named.size} bytes; it has {size}"
            raise Refusal("MANIFEST_INVALID", message, detail=str(named.digest))
    if missing:
        message = f"the repository does not have {missing[0]}"
        raise Refusal("MANIFEST_BLOB_UNKNOWN", message, detail=missing)


def _references(
    catalogue: Catalogue, repository: str, parsed: ImageManifest | Index
) -> Iterator[tuple[Descriptor, int | None]]:
    """All that must be there already, with the size it has here. A subject may come later."""
    if isinstance(parsed, Index):
        for child in parsed.manifests:
            # build caches are indexes of plain blobs
            is_manifest = child.media_type in INDEX_TYPES | MANIFEST_TYPES
            look_up = catalogue.manifest_size if is_manifest else catalogue.blob_size
            yield child, look_up(repository, child.digest)
        return
    for named in (parsed.config, *parsed.layers):
        if not (named.is_foreign and named.urls):
            yield named, catalogue.blob_size(repository, named.digest)
