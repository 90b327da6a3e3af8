"""The spec's chapter "Pull": what clients read."""

from __future__ import annotations

import re

from ci_publish.oci import Digest
from ci_publish.server.exchange import Answer, Call, FileSlice
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.storage import Storage

_RANGE = re.compile(r"bytes=(?:(?P<first>[0-9]{1,18})-(?P<last>[0-9]{1,18})?|-(?P<suffix>[0-9]{1,18}))")


def version(_storage: Storage, _request: Request) -> Answer:
    """That this is a registry ("Determining Support")."""
    return Answer.json(200, {}, {}, media_type="application/json")


def blob(storage: Storage, request: Request, *, repository: str, digest: Digest) -> Answer:
    """A blob or the range of it that was asked for ("Pulling blobs")."""
    size = storage.catalogue.blob_size(repository, digest)
    if size is None:
        raise _blob_unknown(digest)
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", **_identity(digest)}
    if _is_cached(request.call, digest):
        return Answer(304, headers)
    status, first, length = 200, 0, size
    if wanted := _range(request.call, digest, size):
        status, first, length = 206, wanted.start, len(wanted)
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    try:
        file = storage.open_blob(digest)
    except FileNotFoundError:  # deleted since the look-up above
        raise _blob_unknown(digest) from None
    return Answer(status, headers, FileSlice(file, first, length))


def manifest(storage: Storage, request: Request, *, repository: str, reference: Digest | str) -> Answer:
    """A manifest, by digest or tag, as it was pushed ("Pulling manifests")."""
    stored = storage.catalogue.manifest(repository, reference)
    if stored is None:
        raise Refusal("MANIFEST_UNKNOWN", f"{repository} has no such manifest", detail=str(reference)[:200])
    headers = {"Content-Type": stored.media_type, **_identity(stored.digest)}
    if _is_cached(request.call, stored.digest):
        return Answer(304, headers)
    return Answer(200, headers, stored.content)


def _blob_unknown(digest: Digest) -> Refusal:
    return Refusal("BLOB_UNKNOWN", "the repository has no such blob", detail=str(digest))


def _identity(digest: Digest) -> dict[str, str]:
    return {"Docker-Content-Digest": str(digest), "ETag": f'"{digest}"'}


def _is_cached(call: Call, digest: Digest) -> bool:
    known = {tag.strip().removeprefix("W/").strip('"') for tag in call.headers.get("if-none-match", "").split(",")}
    return not known.isdisjoint({str(digest), "*"})


def _range(call: Call, digest: Digest, size: int) -> range | None:
    """The bytes asked for; `None` for all: RFC 9110 section 14.2 lets a server ignore forms that it does not serve."""
    match = _RANGE.fullmatch(call.headers.get("range", "").replace(" ", ""))
    if not match or call.headers.get("if-range", f'"{digest}"') != f'"{digest}"':
        return None
    if match["suffix"]:
        wanted = range(max(0, size - int(match["suffix"])), size)
    else:
        wanted = range(int(match["first"]), min(size, int(match["last"] or size) + 1))
    if not wanted:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Refusal("SIZE_INVALID", "the blob has no such range", status=416, headers=headers)
    return wanted
