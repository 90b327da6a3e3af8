import httpx

from ci_publish.oci import Digest
from tests.server.client import codes, push_blob, push_image
from tests.support.registry import WatchedRegistry


def test_a_deleted_tag_leaves_its_manifest(client: httpx.Client) -> None:
    digest = push_image(client, "a", "v1")
    push_image(client, "a", "v2")
    assert client.delete("/v2/a/manifests/v1").status_code == 202
    assert client.get("/v2/a/manifests/v1").status_code == 404
    assert client.get(f"/v2/a/manifests/{digest}").status_code == 200
    assert client.get("/v2/a/tags/list").json()["tags"] == ["v2"]


def test_a_deleted_manifest_takes_its_tags_along(client: httpx.Client) -> None:
    digest = push_image(client, "a", "v1")
    push_image(client, "a", "v2")
    push_image(client, "a", "v3", annotations={"another": "image"})
    assert client.delete(f"/v2/a/manifests/{digest}").status_code == 202
    for reference in (digest, "v1", "v2"):
        assert client.get(f"/v2/a/manifests/{reference}").status_code == 404
    assert client.get("/v2/a/tags/list").json()["tags"] == ["v3"]


def test_a_blob_is_deleted_from_one_repository(client: httpx.Client, registry: WatchedRegistry) -> None:
    digest = push_blob(client, "a", b"content")
    push_blob(client, "b", b"content")
    file = registry.storage / "blobs" / "sha256" / digest.hex
    assert client.delete(f"/v2/a/blobs/{digest}").status_code == 202
    assert client.get(f"/v2/a/blobs/{digest}").status_code == 404
    assert client.get(f"/v2/b/blobs/{digest}").content == b"content"
    assert client.delete(f"/v2/b/blobs/{digest}").status_code == 202
    assert not file.exists()
    assert push_blob(client, "a", b"content") == digest
    assert client.get(f"/v2/a/blobs/{digest}").content == b"content"


def test_what_is_not_there_cannot_be_deleted(client: httpx.Client) -> None:
    digest = Digest.of(b"absent")
    push_image(client, "a", "v1")
    for path, code in (
        (f"a/manifests/{digest}", "MANIFEST_UNKNOWN"),
        ("a/manifests/absent", "MANIFEST_UNKNOWN"),
        (f"a/blobs/{digest}", "BLOB_UNKNOWN"),
        (f"unknown/manifests/{digest}", "MANIFEST_UNKNOWN"),
    ):
        response = client.delete(f"/v2/{path}")
        assert response.status_code == 404
        assert codes(response) == [code]
