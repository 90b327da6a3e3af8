"""The spec's chapter "Content Management": what clients delete."""

from __future__ import annotations

from ci_publish.oci import Digest
from ci_publish.server.exchange import Answer
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.storage import Storage


def delete_manifest(storage: Storage, _request: Request, *, repository: str, reference: Digest | str) -> Answer:
    """Nothing: the tag is gone, or the manifest with all its tags ("Deleting tags", "Deleting Manifests")."""
    catalogue = storage.catalogue
    if isinstance(reference, Digest):
        removed = catalogue.remove_manifest(repository, reference)
    else:
        removed = catalogue.remove_tag(repository, reference)
    if not removed:
        raise Refusal("MANIFEST_UNKNOWN", f"{repository} has no such manifest", detail=str(reference)[:200])
    return Answer(202)


def delete_blob(storage: Storage, _request: Request, *, repository: str, digest: Digest) -> Answer:
    """Nothing: the repository does not have the blob any more ("Deleting Blobs")."""
    if not storage.remove_blob(repository, digest):
        raise Refusal("BLOB_UNKNOWN", f"{repository} has no such blob", detail=str(digest))
    return Answer(202)
