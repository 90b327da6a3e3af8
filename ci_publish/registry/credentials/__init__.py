"""Credentials for a registry: where they may be, first match wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ci_publish.oci import Repository
from ci_publish.registry.credentials import (
    containers_auth,
    docker_auth_config,
    docker_config,
    explicit,
    github_token,
    registry_auth_file,
)
from ci_publish.registry.credentials.credentials import Credentials, Found
from ci_publish.registry.credentials.lookup import Lookup
from ci_publish.registry.credentials.registry_key import canonical_key

__all__ = ["SOURCES", "Credentials", "Found", "find_credentials"]

# What the user said comes before what lies around, and what names this registry before what the job brings
# along: a login as somebody else earlier in the job is meant, GITHUB_TOKEN is just there.
SOURCES: dict[str, Callable[[Lookup], Found | None]] = {
    "explicit": explicit.find,
    "REGISTRY_AUTH_FILE": registry_auth_file.find,
    "DOCKER_AUTH_CONFIG": docker_auth_config.find,
    "docker": docker_config.find,
    "podman": containers_auth.find,
    "GITHUB_TOKEN": github_token.find,
}


def find_credentials(
    target: Repository | str, *, environ: Mapping[str, str], home: Path, explicit: Credentials | None = None
) -> Found:
    """The credentials for a repository, or for a registry given by its host.

    Args:
        target: the repository; files may hold credentials for a part of a registry.
        environ: the process environment.
        home: the user's home folder.
        explicit: what the user gave to this very command.

    Raises:
        UsageError: a file is malformed, or a credential helper fails. Neither makes us nobody in silence.
    """
    host, path = (target, "") if isinstance(target, str) else (target.registry, target.path)
    lookup = Lookup(canonical_key(host), path, environ, home, explicit)
    found = (source(lookup) for source in SOURCES.values())
    return next(filter(None, found), None) or Found(None, f"no credentials for {lookup.host}: anonymous")
