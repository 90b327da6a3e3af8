"""Where a registry is reached."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Self

from ci_publish.oci.reference import DOCKER_HUB, registry_host

# Docker Hub is known by one name and reached under another.
_HUB_HOST = "registry-1.docker.io"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A registry's name and the address of its API.

    Args:
        host: host and optional port, as references have it; `docker.io` for Docker Hub.
        scheme: `https`, or `http` where that was allowed.
    """

    host: str
    scheme: str

    @classmethod
    def of(cls, host: str, *, plain_http: bool = False) -> Self:
        """The endpoint of a registry: `http` for this machine or when asked for, otherwise `https`.

        Args:
            host: host and optional port.
            plain_http: whether to speak `http` to any host.

        Raises:
            UsageError: this is not a host.
        """
        endpoint = cls(registry_host(host), "https")
        return replace(endpoint, scheme="http") if plain_http or is_loopback(endpoint.hostname) else endpoint

    @property
    def hostname(self) -> str:
        """The host without port and brackets, in lower case."""
        return re.sub(r":[0-9]+\Z", "", self.host).strip("[]").rstrip(".").lower()

    @property
    def url(self) -> str:
        """The API's address, without a slash at the end."""
        return f"{self.scheme}://{_HUB_HOST if self.host == DOCKER_HUB else self.host}"


def is_loopback(hostname: str) -> bool:
    """Whether this names the machine itself: `localhost`, `*.localhost`, 127.0.0.0/8 or `::1`."""
    if hostname == "localhost" or hostname.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
