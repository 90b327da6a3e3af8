import hashlib
from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ci_publish.oci import Digest
from tests.server.client import begin_upload, codes, push_blob
from tests.support.registry import WatchedRegistry

CONTENT = b"0123456789" * 1000
DIGEST = Digest.of(CONTENT)
SHA512 = Digest("sha512", hashlib.sha512(CONTENT).hexdigest())


def in_pieces(content: bytes) -> Iterator[bytes]:
    """httpx sends an iterator in chunks, without a Content-Length."""
    for start in range(0, len(content), 999):
        yield content[start : start + 999]


def pulled(client: httpx.Client, digest: Digest = DIGEST, repository: str = "a") -> bytes | None:
    response = client.get(f"/v2/{repository}/blobs/{digest}")
    return response.content if response.status_code == 200 else None


def close(client: httpx.Client, location: str, digest: object = DIGEST, **request: object) -> httpx.Response:
    return client.put(location, params={"digest": str(digest)}, **request)  # type: ignore[arg-type]  # of httpx


@pytest.mark.parametrize("digest", [DIGEST, SHA512])
@pytest.mark.parametrize("streamed", [False, True])
def test_one_post(client: httpx.Client, digest: Digest, *, streamed: bool) -> None:
    body = in_pieces(CONTENT) if streamed else CONTENT
    response = client.post("/v2/a/blobs/uploads/", params={"digest": str(digest)}, content=body)
    assert response.status_code == 201
    assert response.headers["Docker-Content-Digest"] == str(digest)
    assert client.get(response.headers["Location"]).content == CONTENT


@pytest.mark.parametrize("digest", [DIGEST, SHA512])
@pytest.mark.parametrize("streamed", [False, True])
def test_post_then_put(client: httpx.Client, digest: Digest, *, streamed: bool) -> None:
    body = in_pieces(CONTENT) if streamed else CONTENT
    response = close(client, begin_upload(client, "a"), digest, content=body)
    assert response.status_code == 201
    assert client.get(response.headers["Location"]).content == CONTENT


@pytest.mark.parametrize("digest", [DIGEST, SHA512])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_stream_in_one_patch(client: httpx.Client, digest: Digest, *, streamed: bool) -> None:
    body = in_pieces(CONTENT) if streamed else CONTENT
    response = client.patch(begin_upload(client, "a"), content=body)
    assert response.status_code == 202
    assert response.headers["Range"] == f"0-{len(CONTENT) - 1}"
    assert close(client, response.headers["Location"], digest).status_code == 201
    assert pulled(client, digest) == CONTENT


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, len(CONTENT) - 1), max_size=5, unique=True), last_by_put=st.booleans())
def test_chunks_of_any_size_make_the_blob(client: httpx.Client, cuts: list[int], *, last_by_put: bool) -> None:
    edges = [0, *sorted(cuts), len(CONTENT)]
    location = begin_upload(client, "chunks")
    for start, stop in pairwise(edges):
        headers = {"Content-Range": f"{start}-{stop - 1}"}
        if last_by_put and stop == len(CONTENT):
            assert close(client, location, content=CONTENT[start:stop], headers=headers).status_code == 201
            break
        response = client.patch(location, content=CONTENT[start:stop], headers=headers)
        assert response.status_code == 202
        assert response.headers["Range"] == f"0-{stop - 1}"
        location = response.headers["Location"]
    else:
        assert close(client, location).status_code == 201
    assert pulled(client, repository="chunks") == CONTENT


@pytest.mark.parametrize("by_put", [False, True])
@pytest.mark.parametrize("content_range", ["0-9", "5-14", "11-20", "100-109"])
def test_a_chunk_out_of_order_changes_nothing(client: httpx.Client, content_range: str, *, by_put: bool) -> None:
    location = begin_upload(client, "a")
    client.patch(location, content=CONTENT[:10], headers={"Content-Range": "0-9"})
    method, parameters = ("PUT", {"digest": str(DIGEST)}) if by_put else ("PATCH", {})
    headers = {"Content-Range": content_range}
    response = client.request(method, location, params=parameters, content=CONTENT[:10], headers=headers)
    assert response.status_code == 416
    assert codes(response) == ["BLOB_UPLOAD_INVALID"]
    assert response.headers["Range"] == "0-9"
    status = client.get(location)
    assert status.status_code == 204
    assert status.headers["Range"] == "0-9"
    rest = {"Content-Range": f"10-{len(CONTENT) - 1}"}
    assert client.patch(status.headers["Location"], content=CONTENT[10:], headers=rest).status_code == 202
    assert close(client, location).status_code == 201


@pytest.mark.parametrize(
    ("content_range", "code"),
    [
        ("0-8", "SIZE_INVALID"),
        ("0-10", "SIZE_INVALID"),
        ("5-0", "BLOB_UPLOAD_INVALID"),
        ("bytes 0-9/10", "BLOB_UPLOAD_INVALID"),
        ("-9", "BLOB_UPLOAD_INVALID"),
        ("0-" + "9" * 30, "BLOB_UPLOAD_INVALID"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_chunk_that_is_not_what_it_says(
    client: httpx.Client, content_range: str, code: str, *, streamed: bool
) -> None:
    location = begin_upload(client, "a")
    body = iter([CONTENT[:4], CONTENT[4:10]]) if streamed else CONTENT[:10]
    response = client.patch(location, content=body, headers={"Content-Range": content_range})
    assert response.status_code in {400, 416}
    assert codes(response) == [code]
    # not one of its bytes counts
    assert client.patch(location, content=CONTENT, headers={"Content-Range": f"0-{len(CONTENT) - 1}"}).is_success
    assert close(client, location).status_code == 201


def test_a_wrong_digest_leaves_nothing(client: httpx.Client, registry: WatchedRegistry) -> None:
    wrong = Digest.of(b"something else")
    location = begin_upload(client, "a")
    for response in (
        client.post("/v2/a/blobs/uploads/", params={"digest": str(wrong)}, content=CONTENT),
        close(client, location, wrong, content=CONTENT),
    ):
        assert response.status_code == 400
        assert codes(response) == ["DIGEST_INVALID"]
    assert pulled(client, wrong) is pulled(client, DIGEST) is None
    assert client.get(location).status_code == 404
    assert not list((registry.storage / "blobs").rglob("*.*"))
    assert [file.name for file in (registry.storage / "uploads").iterdir()] == ["opened"]


@pytest.mark.parametrize("digest", ["", "sha256:abc", "sha1:" + "a" * 40])
def test_a_malformed_digest_costs_nothing_but_the_request(client: httpx.Client, digest: str) -> None:
    location = begin_upload(client, "a")
    assert client.patch(location, content=CONTENT).status_code == 202
    response = close(client, location, digest)
    assert response.status_code == 400
    assert codes(response) == ["DIGEST_INVALID"]
    assert close(client, location).status_code == 201


def test_a_put_without_digest_is_refused(client: httpx.Client) -> None:
    response = client.put(begin_upload(client, "a"), content=CONTENT)
    assert response.status_code == 400
    assert codes(response) == ["DIGEST_INVALID"]


def test_the_algorithm_can_be_named_before_the_digest(client: httpx.Client) -> None:
    started = client.post("/v2/a/blobs/uploads/", params={"digest-algorithm": "sha512"})
    client.patch(started.headers["Location"], content=CONTENT)
    assert close(client, started.headers["Location"], SHA512).status_code == 201
    refused = client.post("/v2/a/blobs/uploads/", params={"digest-algorithm": "md5"})
    assert refused.status_code == 400
    assert codes(refused) == ["DIGEST_INVALID"]


def test_a_session_belongs_to_its_repository(client: httpx.Client) -> None:
    location = begin_upload(client, "a")
    elsewhere = location.replace("/v2/a/", "/v2/b/")
    for response in (
        client.get(elsewhere),
        client.patch(elsewhere, content=CONTENT),
        close(client, elsewhere, content=CONTENT),
        client.delete(elsewhere),
    ):
        assert response.status_code == 404
        assert codes(response) == ["BLOB_UPLOAD_UNKNOWN"]
    assert close(client, location, content=CONTENT).status_code == 201


@pytest.mark.parametrize("session", ["0" * 32, "x", "..", "%2e%2e", "opened", "A" * 32])
def test_a_session_that_nobody_began(client: httpx.Client, session: str) -> None:
    response = client.patch(f"/v2/a/blobs/uploads/{session}", content=CONTENT)
    assert response.status_code == 404


def test_a_cancelled_session_is_gone(client: httpx.Client, registry: WatchedRegistry) -> None:
    location = begin_upload(client, "a")
    client.patch(location, content=CONTENT)
    assert client.delete(location).status_code == 204
    assert client.get(location).status_code == 404
    assert client.delete(location).status_code == 404
    assert [file.name for file in (registry.storage / "uploads").iterdir()] == ["opened"]


def test_a_finished_session_is_gone(client: httpx.Client) -> None:
    location = begin_upload(client, "a")
    assert close(client, location, content=CONTENT).status_code == 201
    assert client.get(location).status_code == 404
    assert close(client, location, content=CONTENT).status_code == 404


def test_a_blob_pushed_twice_is_one_blob(client: httpx.Client, registry: WatchedRegistry) -> None:
    for repository in ("a", "a", "b"):
        push_blob(client, repository, CONTENT)
    assert [file.name for file in (registry.storage / "blobs" / "sha256").iterdir()] == [DIGEST.hex]


@pytest.mark.parametrize("parameters", [{"from": "source/of"}, {}])
def test_a_mounted_blob_is_there_without_being_sent(
    client: httpx.Client, registry: WatchedRegistry, parameters: dict[str, str]
) -> None:
    push_blob(client, "source/of", CONTENT)
    assert pulled(client, repository="target") is None
    registry.forget()
    response = client.post("/v2/target/blobs/uploads/", params={"mount": str(DIGEST), **parameters})
    assert response.status_code == 201
    assert response.headers["Location"] == f"/v2/target/blobs/{DIGEST}"
    assert sum(each.received_bytes for each in registry.exchanges) == 0
    assert pulled(client, repository="target") == CONTENT


@pytest.mark.parametrize("source", ["empty", "target", None])
def test_a_mount_of_what_is_not_there_becomes_an_upload(client: httpx.Client, source: str | None) -> None:
    if source:
        push_blob(client, "source", CONTENT)
    parameters = {"mount": str(DIGEST)} | ({"from": source} if source else {})
    response = client.post("/v2/target/blobs/uploads/", params=parameters)
    assert response.status_code == 202
    assert close(client, response.headers["Location"], content=CONTENT).status_code == 201


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({"mount": "sha256:abc"}, "DIGEST_INVALID"), ({"mount": str(DIGEST), "from": "../x"}, "NAME_INVALID")],
)
def test_a_malformed_mount_is_refused(client: httpx.Client, parameters: dict[str, str], code: str) -> None:
    response = client.post("/v2/target/blobs/uploads/", params=parameters)
    assert response.status_code == 400
    assert codes(response) == [code]
