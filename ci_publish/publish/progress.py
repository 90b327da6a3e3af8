"""What a push tells of itself while it runs."""

from __future__ import annotations

from typing import Protocol

from ci_publish.oci import Descriptor, Reference
from ci_publish.publish.plan import BlobStep, PushPlan


class Progress(Protocol):
    """Someone who watches a push; called from several threads."""

    def begin(self, plan: PushPlan) -> None:
        """The blobs of this plan are next."""
        ...

    def read(self, step: BlobStep, count: int) -> None:
        """So many more bytes of the step's source were read."""
        ...

    def restart(self, step: BlobStep, reason: str) -> None:
        """The step failed in passing and starts over."""
        ...

    def finish(self, step: BlobStep, published: Descriptor) -> None:
        """The repository holds the step's blob."""
        ...

    def tagged(self, reference: Reference) -> None:
        """A tag now points at the image."""
        ...

    def end(self) -> None:
        """Nothing more comes."""
        ...


class Silence:
    """A `Progress` that says nothing."""

    def begin(self, plan: PushPlan) -> None:
        """Nothing."""

    def read(self, step: BlobStep, count: int) -> None:
        """Nothing."""

    def restart(self, step: BlobStep, reason: str) -> None:
        """Nothing."""

    def finish(self, step: BlobStep, published: Descriptor) -> None:
        """Nothing."""

    def tagged(self, reference: Reference) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""
