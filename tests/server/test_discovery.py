import re

import httpx
import pytest

from ci_publish.oci import Digest
from ci_publish.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from tests.server.client import codes, descriptor, index, push_blob, push_image, put_manifest

TAGS = ["10", "9", "B", "_", "a", "a-b", "a.b", "b", "latest"]
SUBJECT = Digest.of(b"subject")


@pytest.fixture
def tagged(client: httpx.Client) -> httpx.Client:
    for tag in reversed(TAGS):
        push_image(client, "a/b", tag)
    return client


def followed(client: httpx.Client, path: str) -> list[httpx.Response]:
    """All pages from this one on."""
    pages = [client.get(path)]
    while link := pages[-1].headers.get("Link"):
        match = re.fullmatch(r'<(/v2/[^>]+)>; rel="next"', link)
        assert match
        pages.append(client.get(match[1]))
    return pages


def test_tags_come_in_ascii_order(tagged: httpx.Client) -> None:
    assert sorted(TAGS) == TAGS
    assert tagged.get("/v2/a/b/tags/list").json() == {"name": "a/b", "tags": TAGS}


@pytest.mark.parametrize("size", range(1, len(TAGS) + 2))
def test_pages_together_are_the_list(tagged: httpx.Client, size: int) -> None:
    pages = [page.json()["tags"] for page in followed(tagged, f"/v2/a/b/tags/list?n={size}")]
    assert [tag for page in pages for tag in page] == TAGS
    assert all(len(page) == size for page in pages[:-1])


def test_no_tags_and_no_link_when_none_are_wanted(tagged: httpx.Client) -> None:
    response = tagged.get("/v2/a/b/tags/list?n=0")
    assert response.json()["tags"] == []
    assert "Link" not in response.headers


@pytest.mark.parametrize("last", [*TAGS, "", "aa", "zzz"])
def test_last_is_where_the_list_goes_on(tagged: httpx.Client, last: str) -> None:
    response = tagged.get("/v2/a/b/tags/list", params={"last": last})
    assert response.json()["tags"] == [tag for tag in TAGS if tag > last]


@pytest.mark.parametrize("size", ["-1", "x", "", "1.5", "9" * 30, "٣"])
def test_n_must_be_a_number(tagged: httpx.Client, size: str) -> None:
    response = tagged.get("/v2/a/b/tags/list", params={"n": size})
    assert response.status_code == 400
    assert codes(response) == ["UNSUPPORTED"]


def test_a_repository_without_anything_is_unknown(tagged: httpx.Client) -> None:
    for name in ("a", "a/b/c", "other"):
        response = tagged.get(f"/v2/{name}/tags/list")
        assert response.status_code == 404
        assert codes(response) == ["NAME_UNKNOWN"]
    push_blob(tagged, "other", b"")
    assert tagged.get("/v2/other/tags/list").json()["tags"] == []


def test_no_referrers_are_an_empty_index(client: httpx.Client) -> None:
    response = client.get(f"/v2/nothing/here/referrers/{SUBJECT}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == OCI_INDEX
    assert response.json() == {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}


def test_referrers_are_described_as_the_spec_asks(client: httpx.Client) -> None:
    subject = descriptor(SUBJECT, 7, OCI_MANIFEST)
    typed = push_image(client, "a", "typed", subject=subject, artifactType="type/one", annotations={"of": "typed"})
    untyped = push_image(client, "a", "untyped", subject=subject)
    push_image(client, "a", "of-another", subject=descriptor(Digest.of(b"another"), 7, OCI_MANIFEST))
    push_image(client, "b", "elsewhere", subject=subject)
    listed = index(subject=subject)
    put_manifest(client, "a", "index", listed, OCI_INDEX)

    response = client.get(f"/v2/a/referrers/{SUBJECT}")
    assert "OCI-Filters-Applied" not in response.headers
    found = {Digest.parse(each["digest"]): each for each in response.json()["manifests"]}
    assert found.keys() == {typed, untyped, Digest.of(listed)}
    assert found[typed]["artifactType"] == "type/one"
    assert found[typed]["annotations"] == {"of": "typed"}
    assert found[untyped]["artifactType"] == OCI_CONFIG
    assert "artifactType" not in found[Digest.of(listed)]
    for digest, each in found.items():
        head = client.head(f"/v2/a/manifests/{digest}")
        assert each["size"] == int(head.headers["Content-Length"])
        assert each["mediaType"] == head.headers["Content-Type"]

    filtered = client.get(f"/v2/a/referrers/{SUBJECT}", params={"artifactType": "type/one"})
    assert filtered.headers["OCI-Filters-Applied"] == "artifactType"
    assert filtered.json()["manifests"] == [found[typed]]

    assert client.delete(f"/v2/a/manifests/{typed}").status_code == 202
    assert typed not in {Digest.parse(each["digest"]) for each in client.get(response.url).json()["manifests"]}


def test_many_referrers_come_in_pages_that_any_client_can_read(client: httpx.Client) -> None:
    subject = descriptor(SUBJECT, 7, OCI_MANIFEST)
    pushed = {
        push_image(
            client, "a", f"t{i}", subject=subject, artifactType=f"type/{i % 2}", annotations={f"x{i}": "x" * 1_000_000}
        )
        for i in range(7)
    }
    pages = followed(client, f"/v2/a/referrers/{SUBJECT}")
    assert len(pages) > 1
    assert all(len(page.content) <= 4 * 1024 * 1024 for page in pages)
    digests = [Digest.parse(each["digest"]) for page in pages for each in page.json()["manifests"]]
    assert len(digests) == len(pushed)
    assert set(digests) == pushed
    filtered = followed(client, f"/v2/a/referrers/{SUBJECT}?artifactType=type/0")
    assert [each["artifactType"] for page in filtered for each in page.json()["manifests"]] == ["type/0"] * 4


def test_a_malformed_subject_is_refused(client: httpx.Client) -> None:
    response = client.get("/v2/a/referrers/sha256:abc")
    assert response.status_code == 400
    assert codes(response) == ["DIGEST_INVALID"]
