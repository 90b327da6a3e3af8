from __future__ import annotations

import pytest

from ci_publish.errors import UsageError
from ci_publish.registry.endpoint import Endpoint, is_loopback


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("ghcr.io", "https://ghcr.io"),
        ("registry.example.com:8443", "https://registry.example.com:8443"),
        ("docker.io", "https://registry-1.docker.io"),
        ("index.docker.io", "https://registry-1.docker.io"),
        ("localhost", "http://localhost"),
        ("localhost:5000", "http://localhost:5000"),
        ("reg.localhost:5000", "http://reg.localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.8.9.1", "http://127.8.9.1"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("[::1]", "http://[::1]"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
        ("localhost.example.com", "https://localhost.example.com"),
    ],
)
def test_where_a_registry_is_reached(host: str, url: str) -> None:
    assert Endpoint.of(host).url == url


def test_plain_http_when_asked_for() -> None:
    assert Endpoint.of("registry.example.com:5000", plain_http=True).url == "http://registry.example.com:5000"


def test_docker_hub_keeps_its_name() -> None:
    assert Endpoint.of("registry-1.docker.io").host == "docker.io"


@pytest.mark.parametrize("host", ["https://ghcr.io", "ghcr.io/owner", "", "a b.c", "user@ghcr.io", "ghcr.io:x", "é.fr"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(UsageError):
        Endpoint.of(host)


@pytest.mark.parametrize("name", ["localhost.", "127.0.0.1.example.com", "128.0.0.1", "local", "xlocalhost"])
def test_names_that_only_look_like_this_machine(name: str) -> None:
    assert not is_loopback(name)
