"""What clients do to a registry, in one call each."""

import json
from typing import Any

import httpx

from ci_publish.oci import Digest
from ci_publish.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST


def push_blob(client: httpx.Client, repository: str, content: bytes) -> Digest:
    digest = Digest.of(content)
    response = client.post(f"/v2/{repository}/blobs/uploads/", params={"digest": str(digest)}, content=content)
    assert response.status_code == 201, response.text
    return digest


def begin_upload(client: httpx.Client, repository: str) -> str:
    response = client.post(f"/v2/{repository}/blobs/uploads/")
    assert response.status_code == 202
    return response.headers["Location"]


def put_manifest(
    client: httpx.Client, repository: str, reference: object, content: bytes, media_type: str = OCI_MANIFEST
) -> httpx.Response:
    headers = {"Content-Type": media_type}
    return client.put(f"/v2/{repository}/manifests/{reference}", content=content, headers=headers)


def push_image(client: httpx.Client, repository: str, reference: str, **fields: Any) -> Digest:
    content = image(push_blob(client, repository, b"{}"), **fields)
    response = put_manifest(client, repository, reference, content)
    assert response.status_code == 201, response.text
    return Digest.of(content)


def descriptor(digest: object, size: int, media_type: str = OCI_LAYER, **fields: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": str(digest), "size": size, **fields}


def image(config_digest: Digest, *layers: dict[str, Any], size: int = 2, **fields: Any) -> bytes:
    """A manifest; `size` is its config's, and `fields` go before all else."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor(config_digest, size, OCI_CONFIG),
        "layers": layers,
        **fields,
    }
    return json.dumps(document).encode()


def index(*manifests: dict[str, Any], **fields: Any) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests, **fields}).encode()


def codes(response: httpx.Response) -> list[str]:
    """The error codes of an answer, after a look at the form of its body."""
    assert response.headers["Content-Type"] == "application/json"
    errors = response.json()["errors"]
    assert all(isinstance(error["message"], str) for error in errors)
    return [error["code"] for error in errors]
