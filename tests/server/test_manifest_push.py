import hashlib
import json
from typing import Any

import httpx
import pytest

from ci_publish.oci import Digest
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.oci.media_types import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from tests.server.client import codes, descriptor, image, index, push_blob, push_image, put_manifest

ABSENT = Digest.of(b"absent")
CONFIG = Digest.of(b"{}")


@pytest.fixture(autouse=True)
def _config(client: httpx.Client) -> None:
    push_blob(client, "a", b"{}")


def assert_refused(response: httpx.Response, code: str, status: int = 400) -> None:
    assert response.status_code == status
    assert codes(response) == [code]


def test_the_bytes_are_kept_as_they_are(client: httpx.Client) -> None:
    content = json.dumps(json.loads(image(CONFIG)), indent=3).encode() + b" \n"
    response = put_manifest(client, "a", "v1", content)
    assert response.status_code == 201
    assert response.headers["Docker-Content-Digest"] == str(Digest.of(content))
    for path in (response.headers["Location"], "/v2/a/manifests/v1", f"/v2/a/manifests/{Digest.of(content)}"):
        pulled = client.get(path)
        assert pulled.content == content
        assert pulled.headers["Content-Type"] == OCI_MANIFEST
        assert pulled.headers["Docker-Content-Digest"] == str(Digest.of(content))


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, DOCKER_MANIFEST])
@pytest.mark.parametrize("named_in_body", [False, True])
def test_both_vendors_manifests(client: httpx.Client, media_type: str, *, named_in_body: bool) -> None:
    document = json.loads(image(CONFIG, mediaType=media_type))
    if not named_in_body:
        del document["mediaType"]
    response = put_manifest(client, "a", "v1", json.dumps(document).encode(), f"{media_type}; charset=utf-8")
    assert response.status_code == 201
    assert client.get("/v2/a/manifests/v1").headers["Content-Type"] == media_type


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_INDEX])
def test_both_vendors_indexes(client: httpx.Client, media_type: str) -> None:
    child = push_image(client, "a", "child")
    size = int(client.head("/v2/a/manifests/child").headers["Content-Length"])
    nested = index(descriptor(child, size, OCI_MANIFEST), mediaType=media_type)
    assert put_manifest(client, "a", "nested", nested, media_type).status_code == 201
    outer = index(descriptor(Digest.of(nested), len(nested), media_type), mediaType=media_type)
    assert put_manifest(client, "a", "outer", outer, media_type).status_code == 201
    assert client.get("/v2/a/manifests/outer").headers["Content-Type"] == media_type


def test_an_index_of_plain_blobs_is_a_build_cache(client: httpx.Client) -> None:
    assert put_manifest(client, "a", "cache", index(descriptor(CONFIG, 2)), OCI_INDEX).status_code == 201
    # but a blob is no image
    refused = put_manifest(client, "a", "cache", index(descriptor(CONFIG, 2, OCI_MANIFEST)), OCI_INDEX)
    assert_refused(refused, "MANIFEST_BLOB_UNKNOWN")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (image(ABSENT, size=6), OCI_MANIFEST),
        (image(CONFIG, descriptor(ABSENT, 6)), OCI_MANIFEST),
        (index(descriptor(ABSENT, 6, OCI_MANIFEST)), OCI_INDEX),
        (index(descriptor(ABSENT, 6)), OCI_INDEX),
    ],
)
def test_what_a_manifest_names_must_be_there(client: httpx.Client, content: bytes, media_type: str) -> None:
    push_blob(client, "other", b"absent")
    response = put_manifest(client, "a", "v1", content, media_type)
    assert_refused(response, "MANIFEST_BLOB_UNKNOWN")
    assert response.json()["errors"][0]["detail"] == [str(ABSENT)]
    assert client.get("/v2/a/manifests/v1").status_code == 404


@pytest.mark.parametrize("content", [image(CONFIG, size=3), image(CONFIG, descriptor(CONFIG, 1))])
def test_sizes_must_be_true(client: httpx.Client, content: bytes) -> None:
    assert_refused(put_manifest(client, "a", "v1", content), "MANIFEST_INVALID")


def test_a_layer_that_is_fetched_elsewhere_need_not_be_there(client: httpx.Client) -> None:
    foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    with_urls = image(CONFIG, descriptor(ABSENT, 6, foreign, urls=["https://example.com/layer"]))
    assert put_manifest(client, "a", "v1", with_urls).status_code == 201
    assert_refused(
        put_manifest(client, "a", "v2", image(CONFIG, descriptor(ABSENT, 6, foreign))), "MANIFEST_BLOB_UNKNOWN"
    )
    ordinary = image(CONFIG, descriptor(ABSENT, 6, urls=["https://example.com/layer"]))
    assert_refused(put_manifest(client, "a", "v3", ordinary), "MANIFEST_BLOB_UNKNOWN")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (image(CONFIG), OCI_INDEX),
        (image(CONFIG), DOCKER_MANIFEST),
        (image(CONFIG), "application/json"),
        (index(), OCI_MANIFEST),
        (image(CONFIG, mediaType="text/plain"), "text/plain"),
        (image(CONFIG, manifests=[]), OCI_MANIFEST),
        (image(CONFIG, config="x"), OCI_MANIFEST),
        (image(CONFIG, descriptor("sha256:abc", 1)), OCI_MANIFEST),
        (image(CONFIG, subject=descriptor("md5:abc", 1)), OCI_MANIFEST),
        (b"", OCI_MANIFEST),
        (b"[]", OCI_MANIFEST),
        (b"\xff", OCI_MANIFEST),
        (b"[" * 100_000, OCI_MANIFEST),
    ],
)
def test_malformed_manifests_are_refused(client: httpx.Client, content: bytes, media_type: str) -> None:
    assert_refused(put_manifest(client, "a", "v1", content, media_type), "MANIFEST_INVALID")
    assert client.get("/v2/a/manifests/v1").status_code == 404


@pytest.mark.parametrize("streamed", [False, True])
def test_the_limit_is_4_mib(client: httpx.Client, *, streamed: bool) -> None:
    content = image(CONFIG)
    content += b" " * (MAX_DOCUMENT_SIZE - len(content))
    assert put_manifest(client, "a", "largest", content).status_code == 201
    body: Any = iter([content, b" "]) if streamed else content + b" "
    assert_refused(put_manifest(client, "a", "larger", body), "MANIFEST_INVALID", 413)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_digest_must_be_the_manifests_own(client: httpx.Client, algorithm: str) -> None:
    content = image(CONFIG)
    digest = Digest(algorithm, hashlib.new(algorithm, content).hexdigest())
    assert_refused(put_manifest(client, "a", digest, content + b" "), "DIGEST_INVALID")
    assert put_manifest(client, "a", digest, content).status_code == 201
    assert client.get(f"/v2/a/manifests/{digest}").content == content


@pytest.mark.parametrize(
    ("reference", "code"),
    [("sha256:abc", "DIGEST_INVALID"), (".tag", "MANIFEST_INVALID"), ("a" * 129, "MANIFEST_INVALID")],
)
def test_malformed_references_are_refused(client: httpx.Client, reference: str, code: str) -> None:
    assert_refused(put_manifest(client, "a", reference, image(CONFIG)), code)


def test_several_tags_with_one_push(client: httpx.Client) -> None:
    content, tags = image(CONFIG), [f"t{i}" for i in range(12)]
    path = f"/v2/a/manifests/{Digest.of(content)}"
    response = client.put(path, params={"tag": tags}, content=content, headers={"Content-Type": OCI_MANIFEST})
    assert response.status_code == 201
    assert response.headers.get_list("OCI-Tag") == tags
    assert all(client.get(f"/v2/a/manifests/{tag}").content == content for tag in tags)


def test_a_bad_tag_among_several_moves_none(client: httpx.Client) -> None:
    content = image(CONFIG)
    path = f"/v2/a/manifests/{Digest.of(content)}"
    response = client.put(path, params={"tag": ["good", "not good"]}, content=content)
    assert_refused(response, "MANIFEST_INVALID")
    assert client.get("/v2/a/manifests/good").status_code == 404


def test_a_tag_moves_and_what_it_left_stays(client: httpx.Client) -> None:
    first, second = push_image(client, "a", "v1"), push_image(client, "a", "v1", annotations={"second": "yes"})
    assert client.head("/v2/a/manifests/v1").headers["Docker-Content-Digest"] == str(second)
    assert client.head(f"/v2/a/manifests/{first}").status_code == 200


def test_pushing_again_keeps_other_tags(client: httpx.Client) -> None:
    push_image(client, "a", "v1")
    push_image(client, "a", "v2")
    assert client.get("/v2/a/tags/list").json()["tags"] == ["v1", "v2"]


def test_the_subject_is_acknowledged_and_may_come_later(client: httpx.Client) -> None:
    content = image(CONFIG, subject=descriptor(ABSENT, 6, OCI_MANIFEST))
    response = put_manifest(client, "a", Digest.of(content), content)
    assert response.status_code == 201
    assert response.headers["OCI-Subject"] == str(ABSENT)
    assert "OCI-Subject" not in put_manifest(client, "a", "v1", image(CONFIG)).headers
