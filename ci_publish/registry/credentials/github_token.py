"""The token of the job in GitHub Actions, for GitHub's own registry."""

from __future__ import annotations

from urllib.parse import urlsplit

from ci_publish.registry.credentials.credentials import Credentials, Found
from ci_publish.registry.credentials.lookup import Lookup

_PUBLIC_HOST = "github.com"
_PUBLIC_REGISTRY = "ghcr.io"


def find(lookup: Lookup) -> Found | None:
    """`GITHUB_TOKEN`, for the one registry of the server that issued it and for no other.

    Source: GitHub docs, "Working with the Container registry"; Enterprise Server's is `containers.HOST`.
    """
    token = lookup.environ.get("GITHUB_TOKEN")
    if not token or lookup.host != github_registry(lookup.environ.get("GITHUB_SERVER_URL", "")):
        return None
    # ghcr.io takes any name, but it must have one
    username = lookup.environ.get("GITHUB_ACTOR") or "token"
    return Found(Credentials(username, token), "GITHUB_TOKEN of the environment")


def github_registry(server_url: str) -> str:
    """The container registry of the GitHub server at this address; empty means github.com."""
    host = (urlsplit(server_url).hostname or "") if server_url else _PUBLIC_HOST
    if host == _PUBLIC_HOST:
        return _PUBLIC_REGISTRY
    return f"containers.{host}" if host else ""
