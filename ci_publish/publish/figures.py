"""What a push took: blobs and bytes, by how the repository came to hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from ci_publish.publish.plan import BlobAction
from ci_publish.publish.upload import BlobOutcome

# The names of the actions when they are done, as the JSON result has them.
NAMES: Mapping[BlobAction, str] = {
    BlobAction.UPLOAD: "uploaded",
    BlobAction.REUSE: "reused",
    BlobAction.MOUNT: "mounted",
    BlobAction.EXISTS: "existing",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of blobs, and their bytes in the registry, by `NAMES`."""

    blobs: Mapping[str, int]
    bytes: Mapping[str, int]

    @classmethod
    def of(cls, outcomes: Iterable[BlobOutcome]) -> Self:
        """The figures of these outcomes."""
        blobs = dict.fromkeys(NAMES.values(), 0)
        sizes = dict.fromkeys(NAMES.values(), 0)
        for outcome in outcomes:
            blobs[NAMES[outcome.action]] += 1
            sizes[NAMES[outcome.action]] += outcome.published.size
        return cls(blobs, sizes)

    @classmethod
    def total(cls, parts: Iterable[Self]) -> Self:
        """The sum of several figures."""
        parts = tuple(parts)
        return cls(
            {name: sum(part.blobs[name] for part in parts) for name in NAMES.values()},
            {name: sum(part.bytes[name] for part in parts) for name in NAMES.values()},
        )
