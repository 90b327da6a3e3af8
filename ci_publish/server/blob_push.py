"""The spec's section "Pushing blobs": from the first byte of a blob to its digest."""

from __future__ import annotations

import re

from ci_publish.oci import Digest
from ci_publish.oci.digest import HEX_LENGTH
from ci_publish.server.body import Body
from ci_publish.server.exchange import Answer
from ci_publish.server.parameters import parse_digest, parse_repository
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.storage import Storage
from ci_publish.server.uploads import Upload

_CONTENT_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


def begin(storage: Storage, request: Request, *, repository: str) -> Answer:
    """A session, or at once a blob: one that is mounted, or one that is in the body."""
    call = request.call
    if (mount := call.parameter("mount")) is not None:
        digest, source = parse_digest(mount), call.parameter("from")
        if storage.mount(repository, digest, source=parse_repository(source) if source else None):
            return _created(repository, digest)
    if (wanted := call.parameter("digest")) is not None:
        return _push_at_once(storage, request.body, repository, parse_digest(wanted))
    upload = storage.uploads.begin(repository, algorithm=_algorithm(call.parameter("digest-algorithm")))
    return Answer(202, _position(repository, upload))


def status(storage: Storage, _request: Request, *, repository: str, session: str) -> Answer:
    """How far the session is."""
    upload = storage.uploads.find(repository, session)
    with upload.reserved():
        return Answer(204, _position(repository, upload))


def append(storage: Storage, request: Request, *, repository: str, session: str) -> Answer:
    """The session with the body at its end: a chunk when there is a `Content-Range`, a stream when not."""
    upload = storage.uploads.find(repository, session)
    with upload.reserved():
        _receive(upload, request, repository)
        return Answer(202, _position(repository, upload))


def finish(storage: Storage, request: Request, *, repository: str, session: str) -> Answer:
    """The blob, after its last bytes, if the body has any."""
    upload = storage.uploads.find(repository, session)
    digest = parse_digest(request.call.parameter("digest") or "")
    with upload.reserved():
        _receive(upload, request, repository)
        return _close(storage, upload, repository, digest)


def cancel(storage: Storage, _request: Request, *, repository: str, session: str) -> Answer:
    """Nothing, and nothing is left of the session."""
    upload = storage.uploads.find(repository, session)
    with upload.reserved():
        storage.uploads.end(upload)
    return Answer(204)


def _push_at_once(storage: Storage, body: Body, repository: str, digest: Digest) -> Answer:
    upload = storage.uploads.begin(repository, algorithm=digest.algorithm)
    try:
        upload.append(body.blocks())
        return _close(storage, upload, repository, digest)
    finally:
        # nobody was told of the session, so nobody could resume it
        storage.uploads.end(upload)


def _close(storage: Storage, upload: Upload, repository: str, digest: Digest) -> Answer:
    found = upload.digest(digest.algorithm)
    if found != digest:
        storage.uploads.end(upload)
        raise Refusal("DIGEST_INVALID", f"the content has the digest {found}", detail=str(digest))
    storage.keep(repository, upload, digest)
    return _created(repository, digest)


def _receive(upload: Upload, request: Request, repository: str) -> None:
    announced, size, length = request.call.headers.get("content-range"), upload.size, request.body.length
    if announced is None:
        upload.append(request.body.blocks())
        return
    match = _CONTENT_RANGE.fullmatch(announced)
    if not match:
        raise Refusal("BLOB_UPLOAD_INVALID", "Content-Range is not FIRST-LAST, both inclusive", detail=announced[:100])
    first, count = int(match[1]), int(match[2]) - int(match[1]) + 1
    if first != size:
        headers = _position(repository, upload)
        message = f"the chunk starts at byte {first}, the next one to come is {size}"
        raise Refusal("BLOB_UPLOAD_INVALID", message, status=416, headers=headers)
    if count < 1 or length not in {None, count}:
        raise Refusal("SIZE_INVALID", f"the chunk has {length} bytes by Content-Length, {count} by Content-Range")
    if upload.append(request.body.blocks()) != count:
        upload.truncate(size)
        raise Refusal("SIZE_INVALID", f"the chunk does not have the {count} bytes that Content-Range says")


def _position(repository: str, upload: Upload) -> dict[str, str]:
    # the spec has no form for a session without bytes; clients expect 0-0
    return {
        "Location": f"/v2/{repository}/blobs/uploads/{upload.session}",
        "Range": f"0-{max(0, upload.size - 1)}",
        "Docker-Upload-UUID": upload.session,
    }


def _created(repository: str, digest: Digest) -> Answer:
    headers = {"Location": f"/v2/{repository}/blobs/{digest}", "Docker-Content-Digest": str(digest)}
    return Answer(201, headers)


def _algorithm(name: str | None) -> str:
    if name is None:
        return "sha256"
    if name not in HEX_LENGTH:
        raise Refusal("DIGEST_INVALID", "the algorithm is not known here", detail=list(HEX_LENGTH))
    return name
