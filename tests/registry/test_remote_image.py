from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import httpx
import pytest

from ci_publish.errors import RegistryError, UsageError
from ci_publish.oci import Blob, Descriptor, Digest, Image, Platform, Reference, Repository
from ci_publish.oci.compose import compose_image, compose_index
from ci_publish.oci.document import canonical
from ci_publish.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST
from ci_publish.registry import Registry, Settings, connect, fetch_image, remote_image
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.transport import Transport
from tests.support.registry import WatchedRegistry
from tests.support.validate import validate


@pytest.fixture
def client(registry: WatchedRegistry) -> Iterator[Registry]:
    with connect(registry.address, settings=Settings(clock=time.monotonic), credentials=None) as connected:
        yield connected


@pytest.fixture
def repository(registry: WatchedRegistry) -> Repository:
    return Repository(registry.address, "team/image")


def sample(architecture: str, *layers: bytes, diff_ids: Sequence[bytes] | None = None) -> Image:
    config = canonical(
        {
            "architecture": architecture,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [str(Digest.of(each)) for each in diff_ids or layers]},
        }
    )
    blobs = [Blob.of(layer, OCI_LAYER) for layer in layers]
    return compose_image(Blob.of(config, OCI_CONFIG), blobs, platform=Platform("linux", architecture))


def push(client: Registry, repository: Repository, image: Image, tag: str = "latest") -> None:
    for part in image.walk():
        for blob in part.blobs:
            digest = blob.descriptor.digest
            client.finish_upload(client.start_upload(repository), digest, body=blob.read(1 << 30))
        client.put_manifest(repository, part.descriptor.digest, part.descriptor.media_type, part.manifest)
    client.put_manifest(repository, tag, image.descriptor.media_type, image.manifest)


def test_an_image_is_what_was_pushed(client: Registry, repository: Repository) -> None:
    image = sample("amd64", b"lower" * 1000, b"upper" * 1000)
    push(client, repository, image)
    fetched = fetch_image(client, Reference(repository))
    assert fetched.manifest == image.manifest
    assert fetched.descriptor == image.descriptor
    assert [layer.diff_id for layer in fetched.layers] == [layer.descriptor.digest for layer in image.layers]
    validate(fetched)


def test_bytes_come_only_when_they_are_opened(
    registry: WatchedRegistry, client: Registry, repository: Repository
) -> None:
    image = sample("amd64", b"lower", b"upper")
    push(client, repository, image)
    registry.forget()
    fetched = fetch_image(client, Reference(repository))
    assert len(registry.asked("GET", "/blobs/")) == 1
    assert fetched.layers[0].read(100) == fetched.layers[0].read(100) == b"lower"
    assert len(registry.asked("GET", "/blobs/")) == 3


def test_an_index_comes_with_its_children(client: Registry, repository: Repository) -> None:
    index = compose_index([sample("amd64", b"a"), compose_index([sample("arm64", b"b")])])
    push(client, repository, index)
    fetched = fetch_image(client, Reference(repository))
    assert [part.manifest for part in fetched.walk()] == [part.manifest for part in index.walk()]
    validate(fetched)


def test_one_platform_of_an_index(client: Registry, repository: Repository) -> None:
    index = compose_index([sample("amd64", b"a"), sample("arm64", b"b")])
    push(client, repository, index)
    arm = fetch_image(client, Reference(repository), platform=Platform.parse("linux/arm64/v8"))
    assert arm.layers[0].read(10) == b"b"
    with pytest.raises(UsageError, match="linux/s390x") as caught:
        fetch_image(client, Reference(repository), platform=Platform.parse("linux/s390x"))
    assert "linux/amd64, linux/arm64" in (caught.value.hint or "")


def test_the_platform_of_a_single_image_is_its_own(client: Registry, repository: Repository) -> None:
    push(client, repository, sample("amd64", b"a"))
    image = fetch_image(client, Reference(repository), platform=Platform.parse("linux/arm64"))
    assert str(image.platform) == "linux/amd64"


def test_a_digest_counts_before_a_tag(client: Registry, repository: Repository) -> None:
    first, second = sample("amd64", b"a"), sample("amd64", b"b")
    push(client, repository, first)
    push(client, repository, second)
    fetched = fetch_image(client, Reference(repository, "latest", first.descriptor.digest))
    assert fetched.manifest == first.manifest


def test_layers_that_do_not_match_their_config_have_no_diff_id(client: Registry, repository: Repository) -> None:
    push(client, repository, sample("amd64", b"a", b"b", diff_ids=[b"a"]))
    assert [layer.diff_id for layer in fetch_image(client, Reference(repository)).layers] == [None, None]


def test_an_artifact_has_any_config(client: Registry, repository: Repository) -> None:
    config, layer = Blob.of(b"\x00\x01", "application/example"), Blob.of(b"data", "text/plain")
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": config.descriptor.to_json(),
        "layers": [layer.descriptor.to_json()],
    }
    data = canonical(document)
    push(client, repository, Image(Descriptor(OCI_MANIFEST, Digest.of(data), len(data)), data, (config, layer)))
    fetched = fetch_image(client, Reference(repository))
    assert fetched.platform is None
    assert [blob.read(10) for blob in fetched.blobs] == [b"\x00\x01", b"data"]


def test_a_tag_that_is_not_there(client: Registry, repository: Repository) -> None:
    with pytest.raises(RegistryError) as caught:
        fetch_image(client, Reference(repository, "absent"))
    assert caught.value.status == 404


def index_of(*children: Descriptor) -> Image:
    data = canonical({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [each.to_json() for each in children]})
    return Image(Descriptor(OCI_INDEX, Digest.of(data), len(data)), data)


def test_a_child_of_another_size_is_refused() -> None:
    child = sample("amd64", b"a")
    index = index_of(replace(child.descriptor, size=child.descriptor.size + 1))
    manifests = {f"{image.descriptor.digest}": image for image in (child, index)} | {"latest": index}

    def reply(request: httpx.Request) -> httpx.Response:
        image = manifests.get(request.url.path.rpartition("/")[2])
        if image is None:
            return httpx.Response(200)
        return httpx.Response(200, headers={"Content-Type": image.descriptor.media_type}, content=image.manifest)

    endpoint, settings = Endpoint.of("registry.example.com"), Settings(clock=time.monotonic)
    auth = RegistryAuth(endpoint, None, clock=time.monotonic)
    lying = Registry(Transport(endpoint, auth, httpx.Client(transport=httpx.MockTransport(reply)), settings))
    with pytest.raises(RegistryError, match="where its index says"):
        fetch_image(lying, Reference.parse("registry.example.com/o/i"))


def test_a_child_is_of_the_kind_that_its_manifest_says(client: Registry, repository: Repository) -> None:
    child = sample("amd64", b"a")
    push(client, repository, child, "child")
    push(client, repository, index_of(replace(child.descriptor, media_type=OCI_INDEX, annotations={"a": "b"})))
    (fetched,) = fetch_image(client, Reference(repository)).children
    assert fetched.descriptor == replace(child.descriptor, annotations={"a": "b"})
    assert fetched.layers[0].read(10) == b"a"


def test_an_index_of_endless_depth_is_refused(client: Registry, repository: Repository) -> None:
    image = sample("amd64", b"a")
    for _ in range(5):
        image = compose_index([image])
    push(client, repository, image)
    with pytest.raises(RegistryError, match="more images"):
        fetch_image(client, Reference(repository))


def test_an_index_of_endless_breadth_is_refused(client: Registry, repository: Repository) -> None:
    child = sample("amd64", b"a")
    push(client, repository, child, "child")
    push(client, repository, index_of(*[child.descriptor] * 501))
    with pytest.raises(RegistryError, match="more images"):
        fetch_image(client, Reference(repository))


def test_an_index_of_endless_size_is_refused(
    client: Registry, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = sample("amd64", b"a")
    push(client, repository, child, "child")
    push(client, repository, index_of(*[child.descriptor] * 3))
    size = child.descriptor.size + child.config.descriptor.size
    monkeypatch.setattr(remote_image, "_MAX_BYTES", 3 * size)
    assert len(fetch_image(client, Reference(repository)).children) == 3
    monkeypatch.setattr(remote_image, "_MAX_BYTES", 3 * size - 1)
    with pytest.raises(RegistryError, match="more images"):
        fetch_image(client, Reference(repository))
