"""The keys under which credential files know a registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from ci_publish.oci.reference import DOCKER_HUB, is_docker_hub

# Docker's own name for Docker Hub in credential files and to helpers; other clients look for it.
_HUB_KEY = "https://index.docker.io/v1/"
_SCHEMES = ("https://", "http://")
_API_PATHS = frozenset({"", "v1", "v2"})

Entry = TypeVar("Entry")


def canonical_key(text: str) -> str:
    """A key of a credential file in one spelling: `HOST`, or `HOST/PATH` for a part of a registry.

    Keys with a scheme name a host, whatever their path; those without may have a path that counts
    (containers-auth.json(5)).
    """
    scheme = next((scheme for scheme in _SCHEMES if text.lower().startswith(scheme)), "")
    host, _, path = text[len(scheme) :].partition("/")
    host = host.lower()
    host = DOCKER_HUB if is_docker_hub(host) else host
    path = path.strip("/")
    return host if scheme or path in _API_PATHS else f"{host}/{path}"


def server_key(host: str) -> str:
    """The key under which Docker stores the credentials of a registry."""
    return _HUB_KEY if canonical_key(host) == DOCKER_HUB else host


def matches(entries: Mapping[str, Entry], names: Iterable[str]) -> Iterable[tuple[str, Entry]]:
    """The entries under these canonical names, in the order of the names.

    Hosts are compared whole: a comparison by part would hand credentials to a host of a similar name.
    """
    for name in names:
        yield from ((key, entry) for key, entry in entries.items() if canonical_key(key) == name)
