"""Where a registry may send us: upload locations, further pages, redirects and token services."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Literal

import httpx

from ci_publish.errors import RegistryError
from ci_publish.registry.endpoint import Endpoint, is_loopback

Reach = Literal["public", "private", "loopback", "link-local"]

# Forms such as 0x7f.1 and 2130706433, which the resolver takes for addresses.
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
# Networks whose addresses end in one of IPv4, to which gateways pass on what is sent there: NAT64 (RFC 6052), and
# the compatible addresses of before (RFC 4291 §2.5.5.1).
_ENDING_IN_IPV4 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
# A name is at most 255 characters long, a digest 135.
_MAX_PRINTED = 500


def resolve(location: str, *, base: httpx.URL, endpoint: Endpoint) -> httpx.URL:
    """The absolute address of a `Location`, a `Link` or a token service, if we may go there.

    A hostile registry could otherwise make a build machine send requests to its own network, such as the
    cloud's metadata service at 169.254.169.254. Other public hosts are usual: storage, token services.

    Args:
        location: what the registry said: absolute, or relative to `base`; its query is kept as it is.
        base: the address that was asked last, after redirects.
        endpoint: the registry that was asked at first.

    Raises:
        RegistryError: it is no address, unencrypted where the registry is encrypted, or in a network
            that the registry itself is not in.
    """
    try:
        url = base.join(location)
    except (httpx.InvalidURL, ValueError):
        raise _refused(endpoint, "something that is not an address") from None
    if url.userinfo or url.scheme not in {"http", "https"} or not url.host:
        raise _refused(endpoint, "an address of an unknown kind")
    if url.scheme == "http" and endpoint.scheme == "https":
        url = _encrypted(url, endpoint)
    if not _is_allowed(url.host, endpoint.hostname):
        raise _refused(endpoint, f"{printable(url)}, an address that is not public")
    return url.copy_with(fragment=None)


def same_origin(url: httpx.URL, other: httpx.URL) -> bool:
    """Whether both addresses have the same scheme, host and port: only there may credentials follow."""
    return _origin(url) == _origin(other)


def printable(url: httpx.URL) -> str:
    """The address without user, query and fragment, which may hold secrets; cut where nobody reads on."""
    text = str(url.copy_with(userinfo=b"", query=None, fragment=None))
    return text if len(text) <= _MAX_PRINTED else f"{text[:_MAX_PRINTED]}…"


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host.lower(), url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def _encrypted(url: httpx.URL, endpoint: Endpoint) -> httpx.URL:
    # A registry behind a TLS proxy that it does not know of names itself by http.
    if url.host == endpoint.hostname and url.port is None:
        return url.copy_with(scheme="https")
    raise _refused(
        endpoint,
        f"{printable(url)}, which is not encrypted",
        hint="set the registry's external address (distribution: http.host) or relative URLs (http.relativeurls)",
    )


def _is_allowed(hostname: str, registry: str) -> bool:
    target, home = _reach(hostname), _reach(registry)
    if hostname.lower() == registry or target == "public":
        return True
    # a registry on this machine is the user's own
    return target != "link-local" and (target == home or (home == "loopback" and target == "private"))


def _reach(hostname: str) -> Reach:
    hostname = hostname.lower().rstrip(".")
    if is_loopback(hostname):
        return "loopback"
    address = _address(hostname)
    if address is None or address.is_global:
        return "public"
    if address.is_loopback or address.is_unspecified:
        return "loopback"
    return "link-local" if address.is_link_local else "private"


def _address(hostname: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(hostname)
    except ValueError:
        return _legacy_address(hostname)
    return (_embedded(address) if isinstance(address, ipaddress.IPv6Address) else None) or address


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    # `::` and `::1` have meanings of their own
    if int(address) > 1 and any(address in network for network in _ENDING_IN_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _legacy_address(hostname: str) -> ipaddress.IPv4Address | None:
    if not _NUMERIC.fullmatch(hostname):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(hostname))
    except OSError:
        return None


def _refused(endpoint: Endpoint, what: str, *, hint: str | None = None) -> RegistryError:
    return RegistryError(f"{endpoint.host} sends us to {what}", hint=hint, url=endpoint.url)
