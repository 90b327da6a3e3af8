"""Podman's `auth.json`, where `podman login`, `skopeo login` and `buildah login` write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ci_publish.registry.credentials.config_file import ConfigFile
from ci_publish.registry.credentials.credentials import Found
from ci_publish.registry.credentials.lookup import Lookup


def find(lookup: Lookup) -> Found | None:
    """The registry's entry in the first of these files that has one."""
    files = (ConfigFile.read(path) for path in _paths(lookup))
    return next((found for file in files if (found := file.find(lookup))), None)


def _paths(lookup: Lookup) -> Iterator[Path]:
    # containers-auth.json(5)
    runtime = lookup.environ.get("XDG_RUNTIME_DIR")
    yield (Path(runtime) / "containers" if runtime else Path(f"/run/containers/{os.getuid()}")) / "auth.json"
    config = lookup.environ.get("XDG_CONFIG_HOME")
    yield (Path(config) if config else lookup.home / ".config") / "containers" / "auth.json"
