from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import RegistryError
from ci_publish.registry.destination import printable, resolve, same_origin
from ci_publish.registry.endpoint import Endpoint

GHCR = Endpoint.of("ghcr.io")
LOCAL = Endpoint.of("localhost:5000")
PRIVATE = Endpoint.of("10.1.2.3:5000")
BASE = httpx.URL("https://ghcr.io/v2/o/i/blobs/uploads/?mount=x")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/v2/o/i/blobs/upload/1", "https://ghcr.io/v2/o/i/blobs/upload/1"),
        ("1?_state=a%2Fb%3D&x=%41", "https://ghcr.io/v2/o/i/blobs/uploads/1?_state=a%2Fb%3D&x=%41"),
        ("https://ghcr.io/u", "https://ghcr.io/u"),
        ("https://storage.example.com/u?sig=a+b%2B", "https://storage.example.com/u?sig=a+b%2B"),
        ("//storage.example.com/u", "https://storage.example.com/u"),
        ("https://8.8.8.8/u", "https://8.8.8.8/u"),
        ("https://[64:ff9b::808:808]/u", "https://[64:ff9b::808:808]/u"),
        ("https://[2606:4700::1]/u", "https://[2606:4700::1]/u"),
        # names that only look like this machine's
        ("https://localhost.example.com/u", "https://localhost.example.com/u"),
        ("https://127.0.0.1.example.com/u", "https://127.0.0.1.example.com/u"),
        # a TLS proxy in front of a registry that does not know of it
        ("http://ghcr.io/u", "https://ghcr.io/u"),
        ("/u#fragment", "https://ghcr.io/u"),
    ],
)
def test_where_a_registry_may_send_us(location: str, url: str) -> None:
    assert str(resolve(location, base=BASE, endpoint=GHCR)) == url


@pytest.mark.parametrize(
    "location",
    [
        "http://storage.example.com/u",
        "http://ghcr.io:8080/u",
        "ftp://ghcr.io/u",
        "file:///etc/passwd",
        "https://user:secret@ghcr.io/u",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://10.0.0.1/",
        "https://192.168.1.1:8443/",
        "https://172.16.0.1/",
        "https://100.64.0.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://localhost./",
        "https://x.localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://127.1/",
        "https://0/",
        "https://:0/",
        "http://x:99999999/",
    ],
)
def test_where_it_may_not(location: str) -> None:
    with pytest.raises(RegistryError) as caught:
        resolve(location, base=BASE, endpoint=GHCR)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("endpoint", "location", "allowed"),
    [
        (LOCAL, "http://127.0.0.1:5001/token", True),
        (LOCAL, "http://172.17.0.2/token", True),
        (LOCAL, "http://169.254.169.254/", False),
        (LOCAL, "http://auth.example.com/token", True),
        (PRIVATE, "https://10.1.2.3:9000/", True),
        (PRIVATE, "https://10.1.2.4/", True),
        (PRIVATE, "https://127.0.0.1/", False),
        (PRIVATE, "https://169.254.169.254/", False),
    ],
)
def test_a_registry_may_send_us_to_its_own_network(endpoint: Endpoint, location: str, *, allowed: bool) -> None:
    base = httpx.URL(f"{endpoint.url}/v2/")
    if allowed:
        assert str(resolve(location, base=base, endpoint=endpoint)) == location
    else:
        with pytest.raises(RegistryError):
            resolve(location, base=base, endpoint=endpoint)


@given(st.text())
def test_any_text_is_resolved_or_refused(location: str) -> None:
    try:
        url = resolve(location, base=BASE, endpoint=GHCR)
    except RegistryError:
        return
    assert url.scheme == "https"
    assert url.host


def test_an_origin_is_scheme_host_and_port() -> None:
    url = httpx.URL("https://ghcr.io/a")
    assert same_origin(url, httpx.URL("https://GHCR.io:443/b"))
    for other in ("http://ghcr.io/a", "https://ghcr.io:444/a", "https://ghcr.io.example.com/a"):
        assert not same_origin(url, httpx.URL(other))


def test_a_printed_address_holds_no_secret() -> None:
    assert printable(httpx.URL("https://u:secret@h.example/p?sig=secret#secret")) == "https://h.example/p"


def test_a_printed_address_is_short() -> None:
    assert len(printable(httpx.URL("https://h.example/" + "v2/" * 20_000))) <= 501
