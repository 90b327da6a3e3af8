"""Docker's `config.json`, where `docker login` and docker/login-action write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ci_publish.registry.credentials.config_file import ConfigFile
from ci_publish.registry.credentials.credentials import Found
from ci_publish.registry.credentials.lookup import Lookup


def find(lookup: Lookup) -> Found | None:
    """The registry's entry there, or in the helper that the file names."""
    return ConfigFile.read(docker_config_path(lookup.environ, lookup.home)).find(lookup)


def docker_config_path(environ: Mapping[str, str], home: Path) -> Path:
    """Where Docker keeps the file."""
    folder = environ.get("DOCKER_CONFIG")
    return (Path(folder) if folder else home / ".docker") / "config.json"
