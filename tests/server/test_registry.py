import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ci_publish.errors import UsageError
from ci_publish.oci import Digest
from ci_publish.server import Answer, Call, EmbeddedRegistry
from ci_publish.server.storage import Storage
from tests.server.client import begin_upload, codes, push_blob, push_image
from tests.support.registry import WatchedRegistry, running_registry


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    with running_registry(tmp_path) as registry, httpx.Client(base_url=registry.url) as client:
        blob, manifest = push_blob(client, "a", b"content"), push_image(client, "a", "latest")
        location = begin_upload(client, "a")
        client.patch(location, content=b"first ")
    with running_registry(tmp_path) as registry, httpx.Client(base_url=registry.url) as client:
        assert client.get(f"/v2/a/blobs/{blob}").content == b"content"
        assert client.head("/v2/a/manifests/latest").headers["Docker-Content-Digest"] == str(manifest)
        assert client.get(location).headers["Range"] == "0-5"
        assert client.patch(location, content=b"second", headers={"Content-Range": "6-11"}).status_code == 202
        digest = Digest.of(b"first second")
        assert client.put(location, params={"digest": str(digest)}).status_code == 201


def test_stop_leaves_no_threads_and_frees_the_port(tmp_path: Path) -> None:
    before = threading.active_count()
    registry = EmbeddedRegistry(storage=tmp_path)
    registry.start()
    address = registry.address
    idle = httpx.Client(base_url=f"http://{address}")
    assert idle.get("/v2/").status_code == 200
    registry.stop()
    assert threading.active_count() == before
    host, _, port = address.rpartition(":")
    with EmbeddedRegistry(storage=tmp_path, host=host, port=int(port)) as again:
        assert again.address == address
        assert idle.get("/v2/").status_code == 200
    idle.close()


def test_stop_ends_even_what_would_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_publish.server.registry._GRACE_SECONDS", 0.05)
    with running_registry(tmp_path) as registry:
        with httpx.Client(base_url=registry.url) as client:
            digest = push_blob(client, "a", bytes(20_000_000))
        host, _, port = registry.address.rpartition(":")
        lazy = socket.create_connection((host, int(port)), timeout=5)
        lazy.sendall(f"GET /v2/a/blobs/{digest} HTTP/1.1\r\n\r\n".encode())
        assert lazy.recv(10)
    lazy.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("registry")]


def test_serve_forever_ends_with_stop(tmp_path: Path) -> None:
    registry = EmbeddedRegistry(storage=tmp_path)
    registry.start()
    running = threading.Thread(target=registry.serve_forever)
    running.start()
    assert httpx.get(f"http://{registry.address}/v2/").status_code == 200
    registry.stop()
    running.join(timeout=5)
    assert not running.is_alive()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with EmbeddedRegistry(storage=tmp_path / "first") as first:
        port = int(first.address.rpartition(":")[2])
        second = EmbeddedRegistry(storage=tmp_path / "second", port=port)
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}") as raised:
            second.start()
        assert "--port" in (raised.value.hint or "")
        # and its folder is free again
        Storage(tmp_path / "second").close()


def test_the_gate_answers_first_and_sees_the_call(tmp_path: Path) -> None:
    seen: list[Call] = []

    def gate(call: Call) -> Answer | None:
        seen.append(call)
        return None if call.headers.get("authorization") == "secret" else Answer(401, {"WWW-Authenticate": "Basic"})

    with running_registry(tmp_path, gate=gate) as registry, httpx.Client(base_url=registry.url) as client:
        refused = client.get("/v2/?a=1&a=2")
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Basic")
        assert client.get("/v2/", headers={"Authorization": "secret"}).status_code == 200
    assert [call.path for call in seen] == ["/v2/", "/v2/"]
    assert seen[0].query == {"a": ("1", "2")}


def test_exchanges_count_the_bytes_of_bodies(registry: WatchedRegistry, client: httpx.Client) -> None:
    digest = push_blob(client, "a", b"0123456789")
    client.get(f"/v2/a/blobs/{digest}", headers={"Range": "bytes=2-4"})
    client.head(f"/v2/a/blobs/{digest}")
    pushed, pulled, asked = registry.exchanges
    assert (pushed.method, pushed.path, pushed.status) == ("POST", "/v2/a/blobs/uploads/", 201)
    assert (pushed.received_bytes, pushed.sent_bytes) == (10, 0)
    assert (pulled.status, pulled.received_bytes, pulled.sent_bytes) == (206, 0, 3)
    assert (asked.method, asked.status, asked.sent_bytes) == ("HEAD", 200, 0)


def test_faults_come_as_often_as_they_are_told_to(registry: WatchedRegistry, client: httpx.Client) -> None:
    registry.fail_next("GET", "/v2/$", 503, times=2, headers={"Retry-After": "1"})
    assert client.head("/v2/").status_code == 200
    answers = [client.get("/v2/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert [each.status for each in registry.asked("GET")] == [503, 503, 200]


def test_a_disk_that_fails_is_said_so(
    registry: WatchedRegistry, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ci_publish.server.storage.sync", fail)
    response = client.post(f"/v2/a/blobs/uploads/?digest={Digest.of(b'x')}", content=b"x")
    assert response.status_code == 500
    assert codes(response) == ["UNKNOWN"]
    assert "No space left" in response.json()["errors"][0]["message"]
    assert client.get(f"/v2/a/blobs/{Digest.of(b'x')}").status_code == 404


def test_many_clients_at_once(registry: WatchedRegistry) -> None:
    contents = [bytes([i % 5]) * 50_000 for i in range(40)]

    def push_and_pull(content: bytes) -> bool:
        with httpx.Client(base_url=registry.url) as client:
            digest = push_blob(client, "a", content)
            return client.get(f"/v2/a/blobs/{digest}").content == content

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(push_and_pull, contents))
    assert len(list((registry.storage / "blobs" / "sha256").iterdir())) == 5
