"""User name and password given to the command."""

from __future__ import annotations

from ci_publish.registry.credentials.credentials import Found
from ci_publish.registry.credentials.lookup import Lookup


def find(lookup: Lookup) -> Found | None:
    """What the user gave, for whatever registry the command speaks to."""
    return Found(lookup.explicit, "the user name and password given") if lookup.explicit else None
