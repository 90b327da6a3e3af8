"""What the connection does beside the verbs: redirects, failures, limits, warnings, repeated bodies."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ci_publish.errors import AuthError, RegistryError, UsageError
from ci_publish.oci import Digest, Repository
from ci_publish.registry import Credentials, Settings, UploadSession, connect
from ci_publish.registry.auth import RegistryAuth
from ci_publish.registry.client import Registry
from ci_publish.registry.endpoint import Endpoint
from ci_publish.registry.scope import pull
from ci_publish.registry.transport import MAX_ERROR, SlicedBody, Transport
from ci_publish.server import Answer, Call
from tests.support.registry import WatchedRegistry, running_registry

HOST = "registry.example.com"
REPOSITORY = Repository(HOST, "o/i")
DIGEST = Digest.of(b"x")
ME = Credentials("me", "secret")
Reply = Callable[[httpx.Request], httpx.Response]


def transport(
    reply: Reply, credentials: Credentials | None = None, on_warning: Callable[[str], None] = print
) -> Transport:
    endpoint, settings = Endpoint.of(HOST), Settings(clock=time.monotonic, on_warning=on_warning)
    auth = RegistryAuth(endpoint, credentials, clock=time.monotonic)
    return Transport(endpoint, auth, httpx.Client(transport=httpx.MockTransport(reply)), settings)


def get(connection: Transport, path: str = "/v2/o/i/x", limit: int = MAX_ERROR) -> httpx.Response:
    request = httpx.Request("GET", f"https://{HOST}{path}")
    return connection.send(request, scopes=(pull(REPOSITORY),), accept=(200,), limit=limit)


def redirect(status: int, location: str) -> httpx.Response:
    return httpx.Response(status, headers={"Location": location})


def with_basic(reply: Reply) -> Reply:
    """The same, behind a demand for a password."""

    def asking(request: httpx.Request) -> httpx.Response:
        if request.url.host == HOST and "Authorization" not in request.headers:
            return httpx.Response(401, headers={"WWW-Authenticate": "Basic"})
        return reply(request)

    return asking


def test_every_request_names_us_and_wants_the_bytes_as_they_are() -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    get(transport(reply))
    assert [request.headers["User-Agent"] for request in seen] == ["ci-publish"] * 2
    assert {request.headers["Accept-Encoding"] for request in seen} == {"identity"}
    assert all(request.extensions["timeout"]["read"] for request in seen)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_without_credentials_to_other_hosts(status: int) -> None:
    seen: list[tuple[str, str | None]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers.get("Authorization")))
        assert request.headers["Host"] == request.url.host
        if request.url.path == "/v2/o/i/x":
            return redirect(status, "/v2/o/i/y")
        if request.url.path == "/v2/o/i/y":
            return redirect(status, "https://storage.example.com/z?sig=abc")
        return httpx.Response(200, stream=httpx.ByteStream(b"data"))

    assert get(transport(with_basic(reply), ME)).content == b"data"
    assert seen == [
        (f"https://{HOST}/v2/o/i/x", ME.basic()),
        (f"https://{HOST}/v2/o/i/y", ME.basic()),
        ("https://storage.example.com/z?sig=abc", None),
    ]


@pytest.mark.parametrize(
    "location", ["https://169.254.169.254/latest", "http://plain.example.com/", "https://10.0.0.1/"]
)
def test_a_redirect_to_where_we_may_not_go_is_an_error(location: str) -> None:
    seen: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return redirect(307, location) if request.url.path != "/v2/" else httpx.Response(200)

    with pytest.raises(RegistryError, match="sends us to"):
        get(transport(reply))
    assert set(seen) == {HOST}


def test_redirects_end() -> None:
    with pytest.raises(RegistryError, match="without end"):
        get(transport(lambda request: redirect(307, "/again")))


@pytest.mark.parametrize(("status", "location"), [(301, "/other"), (307, "https://other.example.com/u")])
def test_what_is_written_is_not_sent_elsewhere(status: int, location: str) -> None:
    seen: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return redirect(status, location) if request.method == "PUT" else httpx.Response(200)

    with pytest.raises(RegistryError, match="elsewhere"):
        Registry(transport(reply)).put_manifest(REPOSITORY, "1.0", "x/y", b"{}")
    assert not [url for url in seen if url.endswith(location)]


def test_what_is_written_follows_the_registry_on_its_own_host() -> None:
    bodies: list[bytes] = []

    def reply(request: httpx.Request) -> httpx.Response:
        if request.method != "PUT":
            return httpx.Response(200)
        bodies.append(request.read())
        return redirect(308, "/v2/o/i/manifests/moved") if len(bodies) == 1 else httpx.Response(201)

    Registry(transport(reply)).put_manifest(REPOSITORY, "1.0", "x/y", b"{}")
    assert bodies == [b"{}", b"{}"]


def test_a_body_is_sent_again_after_a_token_was_refused() -> None:
    bodies: list[bytes] = []
    tokens = iter("abc")

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"token": next(tokens)})
        if request.method == "PATCH":
            bodies.append(request.read())
        if request.method != "PATCH" or request.headers["Authorization"] == "Bearer a":
            challenge = f'Bearer realm="https://{HOST}/token"'
            return httpx.Response(401, headers={"WWW-Authenticate": challenge})
        return httpx.Response(202, headers={"Location": "next"})

    session = UploadSession(REPOSITORY, httpx.URL(f"https://{HOST}/u/1"))
    continued = Registry(transport(reply, ME)).send_chunk(session, [b"one", b"", b"two"], size=6)
    assert bodies == [b"onetwo", b"onetwo"]
    assert str(continued.location) == f"https://{HOST}/u/next"


def test_a_token_that_helps_nothing_is_no_answer_of_the_registry() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"token": "same"})
        return httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="https://{HOST}/token"'})

    with pytest.raises(AuthError) as caught:
        get(transport(reply, ME))
    assert caught.value.url == f"https://{HOST}/v2/o/i/x"


def test_a_blob_may_be_in_storage_elsewhere(registry: WatchedRegistry, tmp_path: Path) -> None:
    def send_to_storage(call: Call) -> Answer | None:
        if call.method not in {"GET", "HEAD"} or "/blobs/sha256:" not in call.path:
            return None
        return Answer(307, {"Location": f"{registry.url}{call.path}?signature=x"})

    data = b"data" * 100_000
    digest = Digest.of(data)
    with (
        running_registry(tmp_path / "front", gate=send_to_storage) as front,
        connect(front.address, settings=Settings(clock=time.monotonic), credentials=None) as client,
        connect(registry.address, settings=Settings(clock=time.monotonic), credentials=None) as storage,
    ):
        repository = Repository(front.address, "o/i")
        behind = Repository(registry.address, "o/i")
        storage.finish_upload(storage.start_upload(behind), digest, body=data)
        assert client.blob_size(repository, digest) == len(data)
        with client.open_blob(repository, digest, start=7) as stream:
            assert stream.read() == data[7:]


def test_what_is_written_has_longer_to_be_answered() -> None:
    waits: dict[str, float] = {}

    def reply(request: httpx.Request) -> httpx.Response:
        waits[request.method] = request.extensions["timeout"]["read"]
        return httpx.Response(202, headers={"Location": "/u"})

    client = Registry(transport(reply))
    client.finish_upload(client.send_chunk(client.start_upload(REPOSITORY), [b"x"], size=1), DIGEST)
    assert waits["PUT"] == waits["PATCH"] > waits["POST"] == waits["GET"]


def test_many_threads_fetch_one_token() -> None:
    fetched: list[str] = []
    guard = threading.Lock()

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            with guard:
                fetched.append("token")
            time.sleep(0.02)
            return httpx.Response(200, json={"token": "good", "expires_in": 300})
        if "Authorization" in request.headers:
            return httpx.Response(200)
        return httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="https://{HOST}/token"'})

    connection = transport(reply)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: get(connection), range(64)))
    assert fetched == ["token"]


@pytest.mark.parametrize("path", ["/v2/", "/token", "/v2/o/i/x"])
def test_an_endless_answer_is_given_up(path: str) -> None:
    class Endless(httpx.SyncByteStream):
        taken = 0

        def __iter__(self) -> Iterator[bytes]:
            while True:
                self.taken += 65536
                yield b" " * 65536

    endless = Endless()

    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == path and (path != "/v2/o/i/x" or "Authorization" in request.headers):
            return httpx.Response(200, stream=endless)
        if request.url.path == "/token":
            return httpx.Response(200, json={"token": "good"})
        return httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="https://{HOST}/token"'})

    with pytest.raises(RegistryError, match="more than"):
        get(transport(reply))
    assert endless.taken < 2_000_000


def test_an_endless_error_is_cut() -> None:
    text = httpx.ByteStream(b"x" * (MAX_ERROR + 1))
    connection = transport(
        lambda request: httpx.Response(200) if request.url.path == "/v2/" else httpx.Response(404, stream=text)
    )
    with pytest.raises(RegistryError) as caught:
        get(connection)
    assert len(caught.value.message) < 600


def test_a_compressed_answer_is_not_unpacked() -> None:
    headers = {"Content-Encoding": "gzip"}
    connection = transport(
        lambda request: httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"not gzip at all"))
    )
    assert get(connection).content == b"not gzip at all"


def test_warnings_are_passed_on_once() -> None:
    told: list[str] = []
    headers = [("Warning", '299 - "use \\"v3\\""'), ("Warning", '299 - "a", 299 - "b\x7f"'), ("Warning", "110 - stale")]
    connection = transport(lambda request: httpx.Response(200, headers=headers), on_warning=told.append)
    get(connection)
    get(connection)
    assert told == [f'{HOST}: use \\"v3\\"', f"{HOST}: a", f"{HOST}: b"]


def test_an_error_of_the_body_comes_through_as_it_is() -> None:
    class Broken:
        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            raise ZeroDivisionError

    session = UploadSession(REPOSITORY, httpx.URL(f"https://{HOST}/u/1"))
    registry = Registry(transport(lambda request: httpx.Response(200, content=request.read())))
    with pytest.raises(ZeroDivisionError):
        registry.send_chunk(session, Broken(), size=None)


@pytest.mark.parametrize("size", [0, 1, 128 * 1024, 128 * 1024 + 1, 1_000_000])
def test_a_body_is_cut_into_slices_as_often_as_needed(size: int) -> None:
    block = bytes(range(250)) * (size // 250) + b"x" * (size % 250)
    body = SlicedBody([block, b"", block])
    for _ in range(2):
        slices = list(body)
        assert b"".join(slices) == block * 2
        assert all(0 < len(piece) <= 128 * 1024 for piece in slices)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_a_registry_that_does_not_run() -> None:
    host = f"127.0.0.1:{unused_port()}"
    with (
        connect(host, settings=Settings(clock=time.monotonic), credentials=None) as registry,
        pytest.raises(RegistryError, match=r"127\.0\.0\.1:\d+ refused the connection") as caught,
    ):
        registry.ping()
    assert caught.value.transient
    assert caught.value.hint


def test_a_registry_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings = Settings(clock=time.monotonic, read_timeout=0.1)
        host = f"127.0.0.1:{server.getsockname()[1]}"
        with (
            connect(host, settings=settings, credentials=None) as registry,
            pytest.raises(RegistryError, match="no byte moved") as caught,
        ):
            registry.ping()
        assert caught.value.transient


def serve_once(server: socket.socket, answer: bytes) -> None:
    client, _ = server.accept()
    with client:
        client.recv(65536)
        client.sendall(answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"\x15\x03\x01\x00\x02\x02\x50",
    ],
)
def test_a_server_that_speaks_something_else(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_once, args=(server, answer))
        thread.start()
        host = f"127.0.0.1:{server.getsockname()[1]}"
        with (
            connect(host, settings=Settings(clock=time.monotonic), credentials=None) as registry,
            pytest.raises(RegistryError, match=r"the connection to 127\.0\.0\.1:\d+ failed") as caught,
        ):
            registry.ping()
        thread.join()
    assert caught.value.url == f"http://{host}/v2/"


def test_a_host_that_does_not_exist() -> None:
    with (
        connect(
            "registry.invalid",
            settings=Settings(clock=time.monotonic, proxies_from_environment=False),
            credentials=None,
        ) as registry,
        pytest.raises(RegistryError) as caught,
    ):
        registry.ping()
    assert "registry.invalid" in caught.value.message


def test_a_file_of_authorities_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("hello")
    for name, reason in (("absent.pem", "No such file"), ("text.pem", "no certificates")):
        settings = Settings(clock=time.monotonic, ca_file=tmp_path / name)
        with pytest.raises(UsageError, match=reason):
            connect(HOST, settings=settings, credentials=None)


@pytest.mark.parametrize("proxy", ["socks5://u:secret@127.0.0.1:1", "http://u:secret/x@127.0.0.1:1", "x://u:secret@h"])
def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match="proxy") as caught:
        connect(HOST, settings=Settings(clock=time.monotonic), credentials=None)
    assert "secret" not in caught.value.message
    # this machine is reached without one
    connect("localhost:5000", settings=Settings(clock=time.monotonic), credentials=None)
