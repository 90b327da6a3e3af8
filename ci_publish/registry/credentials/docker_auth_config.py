"""The variable `DOCKER_AUTH_CONFIG`, which holds the text of a `config.json`."""

from __future__ import annotations

from ci_publish.registry.credentials.config_file import ConfigFile
from ci_publish.registry.credentials.credentials import Found
from ci_publish.registry.credentials.lookup import Lookup

_VARIABLE = "DOCKER_AUTH_CONFIG"


def find(lookup: Lookup) -> Found | None:
    """The registry's entry there."""
    text = lookup.environ.get(_VARIABLE)
    return ConfigFile.parse(text, f"{_VARIABLE} of the environment").find(lookup) if text else None
