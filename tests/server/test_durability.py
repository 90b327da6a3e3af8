"""Whatever a client was told is done is there after the server was killed at any moment."""

import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ci_publish.oci import Digest
from tests.server.client import image, put_manifest
from tests.support.registry import running_registry
from tests.support.serve import served

_PUSHERS = 4
_ROUNDS = 4


@dataclass
class Acknowledged:
    """What the server said it has."""

    blobs: dict[Digest, bytes] = field(default_factory=dict)
    tags: dict[str, Digest] = field(default_factory=dict)
    # the location of each upload that was not finished, and the bytes that were acknowledged
    uploads: dict[str, bytes] = field(default_factory=dict)


def push_until_it_dies(url: str, name: str, acknowledged: Acknowledged) -> None:
    """Push small images, one after the other, each with a layer that goes up in two chunks."""
    chance = random.Random(name)
    with httpx.Client(base_url=url) as client:
        try:
            for number in range(100_000):
                push_one(client, f"{name}-{number}", chance.randbytes(chance.randrange(1, 300_000)), acknowledged)
        except httpx.TransportError:
            return


def push_one(client: httpx.Client, tag: str, content: bytes, acknowledged: Acknowledged) -> None:
    half, digest = len(content) // 2 + 1, Digest.of(content)
    location = client.post("/v2/a/blobs/uploads/").headers["Location"]
    acknowledged.uploads[location] = b""
    client.patch(location, content=content[:half])
    acknowledged.uploads[location] = content[:half]
    response = client.put(location, params={"digest": str(digest)}, content=content[half:])
    assert response.status_code == 201
    del acknowledged.uploads[location]
    acknowledged.blobs[digest] = content
    manifest = image(digest, size=len(content))
    assert put_manifest(client, "a", tag, manifest).status_code == 201
    acknowledged.tags[tag] = Digest.of(manifest)


def assert_whole(folder: Path, acknowledged: Acknowledged) -> None:
    with running_registry(folder) as registry, httpx.Client(base_url=registry.url) as client:
        for digest, content in acknowledged.blobs.items():
            assert client.get(f"/v2/a/blobs/{digest}").content == content
        for tag, digest in acknowledged.tags.items():
            response = client.get(f"/v2/a/manifests/{tag}")
            assert Digest.of(response.content) == digest
        for location, content in acknowledged.uploads.items():
            status = client.get(location)
            # the kill may have come after the upload's last step, and before its answer
            if status.status_code == 404:
                continue
            assert int(status.headers["Range"].removeprefix("0-")) >= len(content) - 1
            assert client.delete(location).status_code == 204
        listed = client.get("/v2/a/tags/list").json()["tags"]
        assert set(listed) >= acknowledged.tags.keys()
        # no tag leads nowhere, not even one that was not acknowledged
        for tag in listed:
            layer = client.get(f"/v2/a/manifests/{tag}").json()["config"]["digest"]
            assert Digest.of(client.get(f"/v2/a/blobs/{layer}").content) == Digest.parse(layer)
        for file in (registry.storage / "blobs" / "sha256").iterdir():
            assert Digest.of(file.read_bytes()).hex == file.name
        # what is left was begun without its client being told, so it never got a byte
        assert all(file.stat().st_size == 0 for file in (registry.storage / "uploads").iterdir())


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    acknowledged = Acknowledged()
    for number in range(_ROUNDS):
        with served("--storage", str(tmp_path / "registry-storage")) as running:
            pushers = [
                threading.Thread(target=push_until_it_dies, args=(running.url, f"r{number}-p{pusher}", acknowledged))
                for pusher in range(_PUSHERS)
            ]
            for pusher in pushers:
                pusher.start()
            # some images are whole and others on their way; which ones is left to chance
            enough = len(acknowledged.tags) + 10
            while len(acknowledged.tags) < enough and any(pusher.is_alive() for pusher in pushers):
                time.sleep(0.01)
            running.process.kill()
            for pusher in pushers:
                pusher.join()
        assert_whole(tmp_path, acknowledged)
        acknowledged.uploads.clear()
