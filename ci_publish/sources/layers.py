"""The facts about layers that config and bytes must agree on."""

from __future__ import annotations

from typing import NoReturn

from ci_publish.errors import SourceError
from ci_publish.oci import Descriptor, Digest, ImageConfig

REBUILD_HINT = "the archive is damaged or was written wrongly: build or save the image again"


def check_count(config: ImageConfig, layers: int) -> None:
    """Nothing, when the config names as many layers as there are.

    Raises:
        SourceError: it names more or fewer.
    """
    if len(config.diff_ids) != layers:
        raise SourceError(
            f"has {layers} layers where its config names {len(config.diff_ids)}",
            hint="a BuildKit cache export looks like this: export the image, with --output type=oci,dest=image.tar",
        )


def check_plain(layer: Digest, diff_id: Digest, number: int) -> None:
    """Nothing, when a plain layer's name is the one that the config has for it.

    Raises:
        SourceError: it is another.
    """
    if layer != diff_id:
        raise SourceError(f"has {layer} as layer {number} where its config names {diff_id}", hint=REBUILD_HINT)


def refuse_foreign(descriptor: Descriptor) -> NoReturn:
    """Instead of opening a layer whose bytes the archive leaves to others.

    Raises:
        SourceError: always.
    """
    where = f"; it is at {descriptor.urls[0]}" if descriptor.urls else ""
    raise SourceError(f"foreign layer {descriptor.digest} is not in the archive{where}")
