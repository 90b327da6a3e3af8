from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ci_publish.oci import Digest
from tests.server.client import codes, push_blob, push_image
from tests.support.registry import running_registry

CONTENT = bytes(range(256)) * 8
HELD = Digest.of(CONTENT)


def test_the_registry_says_that_it_is_one(client: httpx.Client) -> None:
    assert client.get("/v2/").status_code == 200
    assert client.head("/v2/").status_code == 200


def test_a_blob_comes_back_with_its_digest(client: httpx.Client) -> None:
    digest = push_blob(client, "a/b", CONTENT)
    response = client.get(f"/v2/a/b/blobs/{digest}")
    assert response.content == CONTENT
    assert response.headers["Docker-Content-Digest"] == str(digest)
    assert response.headers["Content-Type"] == "application/octet-stream"


def test_head_tells_what_get_would_send(client: httpx.Client) -> None:
    digest = push_blob(client, "a", CONTENT)
    manifest = push_image(client, "a", "latest")
    for path in (f"blobs/{digest}", f"manifests/{manifest}", "manifests/latest", "tags/list", f"referrers/{manifest}"):
        head, get = client.head(f"/v2/a/{path}"), client.get(f"/v2/a/{path}")
        assert head.status_code == get.status_code == 200
        assert head.content == b""
        assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("path", [f"a/blobs/{Digest.of(b'other')}", f"b/blobs/{HELD}", f"a/manifests/{HELD}"])
def test_what_the_repository_does_not_hold_is_not_found(client: httpx.Client, path: str) -> None:
    push_blob(client, "a", CONTENT)
    response = client.get(f"/v2/{path}")
    assert response.status_code == 404
    assert codes(response) == ["MANIFEST_UNKNOWN" if "manifests" in path else "BLOB_UNKNOWN"]
    assert client.head(f"/v2/{path}").status_code == 404


@pytest.mark.parametrize("reference", ["absent", ".INVALID", "a" * 129, "ta g"])
def test_a_tag_that_cannot_exist_is_not_found(client: httpx.Client, reference: str) -> None:
    push_image(client, "a", "latest")
    response = client.get(f"/v2/a/manifests/{reference}")
    assert response.status_code == 404
    assert codes(response) == ["MANIFEST_UNKNOWN"]


@pytest.mark.parametrize("digest", ["sha256:abc", "md5:" + "a" * 32, f"sha256:{'A' * 64}", "nothing"])
def test_a_malformed_digest_is_refused(client: httpx.Client, digest: str) -> None:
    response = client.get(f"/v2/a/blobs/{digest}")
    assert response.status_code == 400
    assert codes(response) == ["DIGEST_INVALID"]


def test_a_client_that_has_it_gets_no_second_copy(client: httpx.Client) -> None:
    blob, manifest = push_blob(client, "a", CONTENT), push_image(client, "a", "latest")
    for path, digest in ((f"blobs/{blob}", blob), ("manifests/latest", manifest)):
        etag = client.head(f"/v2/a/{path}").headers["ETag"]
        assert etag == f'"{digest}"'
        response = client.get(f"/v2/a/{path}", headers={"If-None-Match": f'"other", W/{etag}'})
        assert response.status_code == 304
        assert response.content == b""
        assert client.get(f"/v2/a/{path}", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    with running_registry(folder) as registry, httpx.Client(base_url=registry.url) as client:
        push_blob(client, "a", CONTENT)
        push_blob(client, "a", b"")
    return folder


# One registry answers all of hypothesis' examples, on purpose.
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.one_of(st.none(), st.integers(0, len(CONTENT) + 2)),
    last=st.one_of(st.none(), st.integers(0, len(CONTENT) + 2)),
)
def test_a_range_is_what_python_slices(ranges: httpx.Client, first: int | None, last: int | None) -> None:
    headers = {"Range": f"bytes={'' if first is None else first}-{'' if last is None else last}"}
    response = ranges.get(f"/v2/a/blobs/{HELD}", headers=headers)
    if first is None and last is None:
        assert (response.status_code, response.content) == (200, CONTENT)
        return
    start = first if first is not None else max(0, len(CONTENT) - (last or 0))
    stop = len(CONTENT) if first is None or last is None else min(last + 1, len(CONTENT))
    if start >= stop:
        assert response.status_code == 416
        assert response.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
        return
    assert response.status_code == 206
    assert response.content == CONTENT[start:stop]
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(CONTENT)}"


@pytest.fixture(scope="module")
def ranges(filled: Path) -> object:
    with running_registry(filled) as registry, httpx.Client(base_url=registry.url) as client:
        yield client


@pytest.mark.parametrize("text", ["lines=0-1", "bytes=0-1,4-5", "bytes=a-b", "bytes=-", "nonsense"])
def test_a_range_of_another_form_is_ignored(ranges: httpx.Client, text: str) -> None:
    response = ranges.get(f"/v2/a/blobs/{HELD}", headers={"Range": text})
    assert (response.status_code, response.content) == (200, CONTENT)


def test_a_range_of_other_content_is_ignored(ranges: httpx.Client) -> None:
    path, wanted = f"/v2/a/blobs/{HELD}", {"Range": "bytes=1-2"}
    assert ranges.get(path, headers=wanted | {"If-Range": f'"{HELD}"'}).status_code == 206
    assert ranges.get(path, headers=wanted | {"If-Range": '"other"'}).content == CONTENT


def test_an_empty_blob_has_no_ranges(ranges: httpx.Client) -> None:
    path = f"/v2/a/blobs/{Digest.of(b'')}"
    assert ranges.get(path).content == b""
    assert ranges.get(path, headers={"Range": "bytes=0-"}).status_code == 416
