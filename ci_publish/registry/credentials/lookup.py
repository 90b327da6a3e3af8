"""The question for credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ci_publish.registry.credentials.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Lookup:
    """Whose credentials are wanted, and where they may be.

    Args:
        host: the registry, in its canonical spelling.
        path: the repository's path in it; empty for the registry as a whole.
        environ: the process environment.
        home: the user's home folder.
        explicit: what the user gave to this very command.
    """

    host: str
    path: str
    environ: Mapping[str, str]
    home: Path
    explicit: Credentials | None = None

    def names(self) -> tuple[str, ...]:
        """The canonical keys that name the repository, the longest first and the host last."""
        parts = self.path.split("/") if self.path else []
        return tuple("/".join((self.host, *parts[:count])) for count in range(len(parts), -1, -1))
