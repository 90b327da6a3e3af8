"""What a push would publish, worked out without a registry."""

from __future__ import annotations

from ci_publish.errors import SourceError
from ci_publish.oci import Descriptor, Digest, Image
from ci_publish.oci.compose import recompose
from ci_publish.oci.media_types import FAMILIES
from ci_publish.publish.body import CompressedBody, check_blob
from ci_publish.publish.compress import open_compressor
from ci_publish.publish.options import PushOptions
from ci_publish.publish.plan import is_compressible


def published_offline(image: Image, *, options: PushOptions) -> Image:
    """The image as a registry that holds none of its layers will have it.

    Args:
        image: what a source gave.
        options: compression and media types decide the digest.

    Raises:
        SourceError: a layer is not the one that its config names.
    """
    layers: dict[Digest, Descriptor] = {}
    with open_compressor(options.compression) as compressor:
        for part in image.walk():
            for blob in part.layers:
                if compressor and is_compressible(blob, part, options):
                    if blob.descriptor.digest not in layers:
                        layers[blob.descriptor.digest] = _drained(CompressedBody(blob, compressor, on_read=_ignore))
                elif not blob.descriptor.is_foreign:
                    check_blob(blob, on_read=_ignore)
    return recompose(image, layers, family=FAMILIES[options.media_types])


def _drained(body: CompressedBody) -> Descriptor:
    for _ in body:
        pass
    if body.descriptor is None:
        raise SourceError("the layer was not read to its end")
    return body.descriptor


def _ignore(_count: int) -> None:
    """Nobody watches."""
