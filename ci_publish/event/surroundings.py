"""The world as an origin of events may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Environment, place and time, taken once by the command line.

    Args:
        environ: environment variables.
        directory: where to look for a checkout.
        now: the current time, with a time zone.
    """

    environ: Mapping[str, str]
    directory: Path
    now: datetime
