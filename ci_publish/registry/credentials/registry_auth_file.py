"""The file that `REGISTRY_AUTH_FILE` names, as podman, skopeo and buildah read it."""

from __future__ import annotations

from pathlib import Path

from ci_publish.registry.credentials.config_file import ConfigFile
from ci_publish.registry.credentials.credentials import Found
from ci_publish.registry.credentials.lookup import Lookup


def find(lookup: Lookup) -> Found | None:
    """The registry's entry there."""
    path = lookup.environ.get("REGISTRY_AUTH_FILE")
    return ConfigFile.read(Path(path)).find(lookup) if path else None
