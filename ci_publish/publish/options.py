"""How to push: the choices a user has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ci_publish.oci.media_types import Compression


@dataclass(frozen=True, slots=True)
class PushOptions:
    """The choices for a push.

    Args:
        compression: what plain layers of an archive without a manifest become; `none` sends them plain.
        media_types: whose names a manifest that we write uses.
        reuse_from: more tags of the target repository whose layers may be reused.
        jobs: blobs in transfer at once.
        questions: questions to the registry at once, while planning.
        retry_for: seconds after a first failure within which the same is tried again; 0 for never.
        pace: what pauses between tries are multiplied by; 0 for none.
    """

    compression: Compression = "gzip"
    media_types: Literal["oci", "docker"] = "oci"
    reuse_from: tuple[str, ...] = ()
    jobs: int = 4
    questions: int = 8
    retry_for: float = 120.0
    pace: float = 1.0
