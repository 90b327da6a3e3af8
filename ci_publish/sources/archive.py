"""An opened source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ci_publish.oci import Image
from ci_publish.sources.named_image import NamedImage
from ci_publish.sources.selection import choose


@dataclass(frozen=True, slots=True)
class Archive:
    """The images of a source; their blobs can be opened until it is closed.

    Args:
        kind: its row in `SOURCES`.
        images: in the archive's order, each digest once.
        select: which of them the user asked for, `None` when no choice was made.
        close: lets go of the file.
    """

    kind: str
    images: tuple[NamedImage, ...]
    select: str | None
    close: Callable[[], None]

    @property
    def image(self) -> Image:
        """The only image, or the one that was asked for.

        Raises:
            UsageError: there are several and none was asked for, or what was asked for fits none or several.
        """
        return choose(self.images, self.select)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
