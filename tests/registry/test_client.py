"""Every verb against the embedded registry, and against answers that it would never give."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import AuthError, RegistryError, UsageError
from ci_publish.oci import Descriptor, Digest, Repository
from ci_publish.oci.document import canonical
from ci_publish.oci.media_types import OCI_EMPTY, OCI_INDEX, OCI_MANIFEST
from ci_publish.registry import Credentials, Registry, Settings, UploadSession, connect, paging
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.transport import Transport
from tests.support.registry import WatchedRegistry

DATA = bytes(range(256)) * 5000
DIGEST = Digest.of(DATA)
ABSENT = Digest.of(b"absent")
Reply = Callable[[httpx.Request], httpx.Response]


class Blocks:
    """A body that can be iterated again, and counts how often it was."""

    def __init__(self, *blocks: bytes) -> None:
        self.blocks = blocks
        self.iterations = 0

    def __iter__(self) -> Iterator[bytes]:
        self.iterations += 1
        return iter(self.blocks)


@pytest.fixture
def client(registry: WatchedRegistry) -> Iterator[Registry]:
    with connect(registry.address, settings=Settings(clock=time.monotonic), credentials=None) as connected:
        yield connected


@pytest.fixture
def repository(registry: WatchedRegistry) -> Repository:
    return Repository(registry.address, "team/image")


def put_blob(client: Registry, repository: Repository, data: bytes) -> Digest:
    client.finish_upload(client.start_upload(repository), Digest.of(data), body=data)
    return Digest.of(data)


def put_manifest(client: Registry, repository: Repository, *tags: str, subject: Descriptor | None = None) -> Descriptor:
    empty = Descriptor(OCI_EMPTY, put_blob(client, repository, b"{}"), 2)
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": "application/example",
        "config": empty.to_json(),
        "layers": [empty.to_json()],
        **({"subject": subject.to_json()} if subject else {}),
    }
    data = canonical(document)
    refs: list[str | Digest] = [Digest.of(data), *tags]
    for ref in refs:
        client.put_manifest(repository, ref, OCI_MANIFEST, data)
    return Descriptor(OCI_MANIFEST, Digest.of(data), len(data))


def told(reply: Reply, *, host: str = "registry.example.com", credentials: Credentials | None = None) -> Registry:
    """A registry that answers as the function says."""
    endpoint, settings = Endpoint.of(host), Settings(clock=time.monotonic)
    auth = RegistryAuth(endpoint, credentials, clock=time.monotonic)
    return Registry(Transport(endpoint, auth, httpx.Client(transport=httpx.MockTransport(reply)), settings))


def answering(response: httpx.Response) -> Registry:
    """A registry that answers everything but `GET /v2/` with this."""
    return told(lambda request: httpx.Response(200) if request.url.path == "/v2/" else response)


EXAMPLE = Repository("registry.example.com", "o/i")


def test_ping(client: Registry) -> None:
    client.ping()


def test_a_web_server_is_no_registry() -> None:
    page = httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<html>hello")
    with pytest.raises(RegistryError, match="not a registry"):
        told(lambda request: page).ping()


@pytest.mark.parametrize("size", [len(DATA), None])
def test_a_blob_is_sent_in_one_request_and_read_back(
    registry: WatchedRegistry, client: Registry, repository: Repository, size: int | None
) -> None:
    assert client.blob_size(repository, DIGEST) is None
    session = client.send_chunk(client.start_upload(repository), Blocks(DATA[:70_000], DATA[70_000:]), size=size)
    client.finish_upload(session, DIGEST)
    assert client.blob_size(repository, DIGEST) == len(DATA)
    with client.open_blob(repository, DIGEST) as stream:
        assert stream.read() == DATA
    assert len(registry.asked("PATCH")) == 1


def test_a_blob_is_sent_with_the_request_that_ends_its_upload(
    registry: WatchedRegistry, client: Registry, repository: Repository
) -> None:
    body = Blocks(DATA[:70_000], DATA[70_000:])
    client.finish_upload(client.start_upload(repository), DIGEST, body=body, size=len(DATA))
    assert client.blob_size(repository, DIGEST) == len(DATA)
    assert registry.asked("PATCH") == []


@pytest.mark.parametrize("start", [1, 1000, len(DATA) - 1])
def test_a_blob_is_read_from_the_middle(client: Registry, repository: Repository, start: int) -> None:
    put_blob(client, repository, DATA)
    with client.open_blob(repository, DIGEST, start=start) as stream:
        assert stream.read(10) == DATA[start : start + 10]
        assert stream.read() == DATA[start + 10 :]


def test_a_registry_without_ranges_is_read_from_the_start() -> None:
    with answering(httpx.Response(200, stream=httpx.ByteStream(DATA))).open_blob(EXAMPLE, DIGEST, start=1000) as stream:
        assert stream.read() == DATA[1000:]


def test_an_absent_blob_cannot_be_opened(client: Registry, repository: Repository) -> None:
    with pytest.raises(RegistryError) as caught:
        client.open_blob(repository, ABSENT)
    assert caught.value.status == 404
    assert "BLOB_UNKNOWN" in caught.value.codes


def test_a_wrong_digest_is_refused(client: Registry, repository: Repository) -> None:
    session = client.send_chunk(client.start_upload(repository), Blocks(DATA), size=None)
    with pytest.raises(RegistryError) as caught:
        client.finish_upload(session, ABSENT)
    assert caught.value.codes == ("DIGEST_INVALID",)
    assert not caught.value.transient


def test_what_the_registry_stored_must_be_what_was_sent() -> None:
    lying = answering(httpx.Response(201, headers={"Docker-Content-Digest": str(ABSENT)}))
    session = UploadSession(EXAMPLE, httpx.URL("https://registry.example.com/u"))
    with pytest.raises(RegistryError, match="stored"):
        lying.finish_upload(session, DIGEST)
    with pytest.raises(RegistryError, match="stored"):
        lying.put_manifest(EXAMPLE, "1.0", OCI_MANIFEST, b"{}")


def test_a_blob_is_mounted(registry: WatchedRegistry, client: Registry, repository: Repository) -> None:
    put_blob(client, repository, DATA)
    other = Repository(registry.address, "team/other")
    assert client.mount_blob(other, DIGEST, source=repository) is None
    assert client.blob_size(other, DIGEST) == len(DATA)


def test_what_cannot_be_mounted_is_uploaded(client: Registry, repository: Repository) -> None:
    session = client.mount_blob(repository, DIGEST, source=Repository(repository.registry, "team/empty"))
    assert session
    client.finish_upload(client.send_chunk(session, Blocks(DATA), size=None), DIGEST)
    assert client.blob_size(repository, DIGEST) == len(DATA)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500, 503])
def test_a_mount_that_fails_becomes_an_upload(registry: WatchedRegistry, client: Registry, status: int) -> None:
    source, target = Repository(registry.address, "a"), Repository(registry.address, "b")
    registry.fail_next("POST", "/v2/b/", status)
    session = client.mount_blob(target, DIGEST, source=source)
    assert session
    client.finish_upload(session, DIGEST, body=DATA)
    assert client.blob_size(target, DIGEST) == len(DATA)


@pytest.mark.parametrize(("status", "attempts"), [(401, 1), (403, 1), (404, 2)])
def test_where_there_is_no_right_to_mount_asking_once_is_enough(status: int, attempts: int) -> None:
    mounts: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        if "mount" in request.url.params:
            mounts.append(request.url.params["mount"])
            return httpx.Response(status)
        return httpx.Response(202, headers={"Location": "u"})

    registry = told(reply)
    for digest in (DIGEST, ABSENT):
        assert registry.mount_blob(EXAMPLE, digest, source=Repository(EXAMPLE.registry, "a"))
    assert len(mounts) == attempts


def test_a_cancelled_upload_is_gone(client: Registry, repository: Repository) -> None:
    session = client.start_upload(repository)
    client.cancel_upload(session)
    with pytest.raises(RegistryError) as caught:
        client.send_chunk(session, Blocks(DATA), size=None)
    assert caught.value.codes == ("BLOB_UPLOAD_UNKNOWN",)
    assert caught.value.transient
    client.cancel_upload(session)


def test_a_session_follows_the_newest_location() -> None:
    locations = iter(["u1?_state=a%2Fb", "/v2/o/i/blobs/uploads/u2?_state=c", ""])
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/":
            return httpx.Response(200)
        asked.append(str(request.url))
        location = next(locations) if request.method != "PUT" else ""
        status = 201 if request.method == "PUT" else 202
        return httpx.Response(status, headers={"Location": location} if location else {})

    registry = told(reply)
    session = registry.start_upload(EXAMPLE)
    assert "_state" not in repr(session)
    session = registry.send_chunk(session, Blocks(b"x"), size=1)
    session = registry.send_chunk(session, Blocks(b"y"), size=1)
    registry.finish_upload(session, DIGEST)
    base = "https://registry.example.com/v2/o/i/blobs/uploads/"
    assert asked == [
        base,
        f"{base}u1?_state=a%2Fb",
        f"{base}u2?_state=c",
        f"{base}u2?_state=c&digest=sha256%3A{DIGEST.hex}",
    ]


@pytest.mark.parametrize("location", [None, "https://169.254.169.254/u", "http://other.example.com/u"])
def test_an_upload_to_nowhere_safe_is_refused(location: str | None) -> None:
    headers = {"Location": location} if location else {}
    with pytest.raises(RegistryError):
        answering(httpx.Response(202, headers=headers)).start_upload(EXAMPLE)


def test_an_upload_elsewhere_gets_no_credentials() -> None:
    seen: dict[str, str | None] = {}

    def reply(request: httpx.Request) -> httpx.Response:
        if "Authorization" not in request.headers and request.url.host == EXAMPLE.registry:
            return httpx.Response(401, headers={"WWW-Authenticate": "Basic"})
        seen[request.url.host] = request.headers.get("Authorization")
        return httpx.Response(202, headers={"Location": "https://storage.example.com/u"})

    registry = told(reply, credentials=Credentials("me", "secret"))
    registry.send_chunk(registry.start_upload(EXAMPLE), Blocks(b"x"), size=1)
    assert seen["storage.example.com"] is None
    assert seen[EXAMPLE.registry]


def test_a_manifest_is_pushed_and_read_back(client: Registry, repository: Repository) -> None:
    pushed = put_manifest(client, repository, "1.0", "latest")
    for ref in (pushed.digest, "1.0", "latest"):
        assert client.head_manifest(repository, ref) == pushed
        descriptor, data = client.get_manifest(repository, ref)
        assert descriptor == pushed
        assert Digest.of(data) == pushed.digest
    assert client.head_manifest(repository, "2.0") is None
    with pytest.raises(RegistryError) as caught:
        client.get_manifest(repository, "2.0")
    assert caught.value.status == 404


def test_a_manifest_without_helpful_headers_is_read_whole() -> None:
    data = b'{"mediaType":"%s"}' % OCI_INDEX.encode()
    bare = answering(httpx.Response(200, headers={"Content-Type": "application/json"}, content=data))
    expected = Descriptor(OCI_INDEX, Digest.of(data), len(data))
    assert bare.head_manifest(EXAMPLE, "1.0") == expected
    assert bare.get_manifest(EXAMPLE, "1.0") == (expected, data)


def test_the_parameters_of_a_media_type_do_not_count() -> None:
    answer = httpx.Response(200, headers={"Content-Type": f"{OCI_INDEX}; charset=utf-8"}, content=b"{}")
    assert answering(answer).get_manifest(EXAMPLE, "1.0")[0].media_type == OCI_INDEX


def test_a_manifest_of_another_digest_is_refused() -> None:
    lying = answering(httpx.Response(200, headers={"Content-Type": OCI_INDEX}, content=b"{}"))
    with pytest.raises(RegistryError, match="do not have the digest"):
        lying.get_manifest(EXAMPLE, ABSENT)
    headers = {"Content-Type": OCI_INDEX, "Docker-Content-Digest": str(ABSENT)}
    with pytest.raises(RegistryError, match="do not have the digest"):
        answering(httpx.Response(200, headers=headers, content=b"{}")).get_manifest(EXAMPLE, "1.0")


def test_a_manifest_may_have_a_digest_of_another_algorithm() -> None:
    digest = Digest("sha512", hashlib.sha512(b"{}").hexdigest())
    answer = httpx.Response(200, headers={"Content-Type": OCI_INDEX}, content=b"{}")
    assert answering(answer).get_manifest(EXAMPLE, digest)[0].digest == digest


def test_a_manifest_beyond_the_limit_is_refused() -> None:
    endless = httpx.ByteStream(b" " * (4 * 1024 * 1024 + 1))
    big = answering(httpx.Response(200, headers={"Content-Type": OCI_INDEX}, stream=endless))
    with pytest.raises(RegistryError, match="more than 4194304 bytes"):
        big.get_manifest(EXAMPLE, "1.0")


def test_a_web_page_is_no_manifest() -> None:
    page = answering(httpx.Response(200, headers={"Content-Type": "text/plain"}, content=b"hello"))
    with pytest.raises(RegistryError, match="malformed"):
        page.get_manifest(EXAMPLE, "1.0")


def test_what_may_not_be_seen_counts_as_absent_until_it_is_read() -> None:
    closed = answering(httpx.Response(403))
    assert closed.head_manifest(EXAMPLE, "1.0") is None
    assert closed.blob_size(EXAMPLE, DIGEST) is None
    with pytest.raises(AuthError):
        closed.get_manifest(EXAMPLE, "1.0")
    with pytest.raises(AuthError):
        answering(httpx.Response(401)).head_manifest(EXAMPLE, "1.0")
    with pytest.raises(AuthError):
        answering(httpx.Response(401)).blob_size(EXAMPLE, DIGEST)


@pytest.mark.parametrize("ref", ["", "a b", "../x", "a/b", "x" * 129, "sha256:abc"])
def test_what_is_no_tag_is_not_asked_for(client: Registry, repository: Repository, ref: str) -> None:
    with pytest.raises(UsageError):
        client.get_manifest(repository, ref)


def test_a_repository_of_another_registry_is_refused(client: Registry) -> None:
    with pytest.raises(UsageError, match="not in the registry"):
        client.blob_size(EXAMPLE, DIGEST)


def test_tags_come_in_pages(registry: WatchedRegistry, client: Registry, repository: Repository) -> None:
    names = {f"v{number}" for number in range(7)}
    put_manifest(client, repository, *names)
    assert set(client.tags(repository)) == names


def paged(*pages: tuple[object, str | None]) -> Registry:
    answers = iter(pages)

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/":
            return httpx.Response(200)
        tags, link = next(answers)
        return httpx.Response(200, json={"tags": tags}, headers={"Link": f'<{link}>; rel="next"'} if link else {})

    return told(reply)


def test_each_page_of_tags_is_followed() -> None:
    registry = paged((["a"], "/v2/o/i/tags/list?last=a&n=1"), (None, "list?last=b"), (["c", 1, "b d"], None))
    assert list(registry.tags(EXAMPLE)) == ["a", "c"]


def test_a_list_that_leads_elsewhere_or_in_a_circle_is_an_error() -> None:
    for link in ("https://other.example.com/x", "https://registry.example.com/v2/o/i/tags/list?n=1000"):
        with pytest.raises(RegistryError, match="without end"):
            list(paged((["a"], link), (["b"], link)).tags(EXAMPLE))


def test_a_list_of_endless_size_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_MAX_BYTES", 1000)
    endless = paged(*((["a" * 100], f"list?last={number}") for number in range(100)))
    with pytest.raises(RegistryError, match="without end"):
        list(endless.tags(EXAMPLE))


def test_referrers_are_listed_by_type(client: Registry, repository: Repository) -> None:
    subject = put_manifest(client, repository, "1.0")
    referrer = put_manifest(client, repository, subject=subject)
    (found,) = client.referrers(repository, subject.digest)
    assert found.digest == referrer.digest
    assert client.referrers(repository, subject.digest, artifact_type="application/example") == (found,)
    assert client.referrers(repository, subject.digest, artifact_type="application/other") == ()
    assert client.referrers(repository, ABSENT) == ()


@pytest.mark.parametrize("status", [400, 404, 405, 406])
def test_referrers_of_a_registry_without_them_are_under_a_tag(
    registry: WatchedRegistry, client: Registry, repository: Repository, status: int
) -> None:
    subject = put_manifest(client, repository, "1.0")
    registry.fail_next("GET", "/referrers/", status, 2)
    assert client.referrers(repository, subject.digest) == ()
    index = canonical({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [subject.to_json()]})
    client.put_manifest(repository, f"sha256-{subject.digest.hex}", OCI_INDEX, index)
    assert client.referrers(repository, subject.digest) == (subject,)


def test_a_failure_to_list_referrers_is_not_their_absence(
    registry: WatchedRegistry, client: Registry, repository: Repository
) -> None:
    registry.fail_next("GET", "/referrers/", 500)
    with pytest.raises(RegistryError):
        client.referrers(repository, DIGEST)


def test_what_was_deleted_is_gone(client: Registry, repository: Repository) -> None:
    pushed = put_manifest(client, repository, "1.0", "2.0")
    client.delete_manifest(repository, "2.0")
    assert list(client.tags(repository)) == ["1.0"]
    client.delete_manifest(repository, pushed.digest)
    assert client.head_manifest(repository, "1.0") is None
    put_blob(client, repository, DATA)
    client.delete_blob(repository, DIGEST)
    assert client.blob_size(repository, DIGEST) is None


def test_many_threads_share_one_registry(client: Registry, repository: Repository) -> None:
    blobs = [bytes([number]) * 100_000 for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(lambda data: put_blob(client, repository, data), blobs))
        sizes = list(pool.map(lambda digest: client.blob_size(repository, digest), digests))
    assert sizes == [100_000] * 32


@given(
    st.dictionaries(
        st.sampled_from(["Content-Length", "Docker-Content-Digest", "Content-Type"]), st.text("a:1é-/", max_size=20)
    )
)
def test_any_headers_are_survived(headers: dict[str, str]) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    registry = told(lambda request: httpx.Response(200, headers=encoded))
    size = registry.blob_size(EXAMPLE, DIGEST)
    assert size is None or size >= 0
    with contextlib.suppress(RegistryError):
        found = registry.head_manifest(EXAMPLE, DIGEST)
        assert found
        assert found.digest == DIGEST
