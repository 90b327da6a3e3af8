"""Whether an image came back as it went out, byte for byte, beneath whatever compression it has now."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from ci_publish.errors import SourceError
from ci_publish.oci import Blob
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.oci.media_types import layer_compression
from ci_publish.publish.body import read_blocks
from ci_publish.sources import open_source
from ci_publish.sources.layer_check import INFLATERS


def compare_content(sent: Path, received: Path) -> int:
    """The number of plain bytes that both archives have in common, which is all of them.

    Args:
        sent: an archive with one image of plain layers.
        received: an archive with one image.

    Raises:
        SourceError: a layer or the config differs.
    """
    with open_source(sent) as before, open_source(received) as after:
        config, returned = (archive.image.config.read(MAX_DOCUMENT_SIZE) for archive in (before, after))
        if config != returned:
            raise SourceError(f"the config of {received} is not the one of {sent}")
        pairs = zip(before.image.layers, after.image.layers, strict=True)
        return len(config) + sum(_compare_layer(plain, layer) for plain, layer in pairs)


def _compare_layer(plain: Blob, layer: Blob) -> int:
    with plain.open() as expected, layer.open() as stored:
        comparison = _Comparison(expected)
        inflate = INFLATERS.get(layer_compression(layer.descriptor.media_type) or "")
        take = inflate(comparison.take).update if inflate else comparison.take
        for block in read_blocks(stored):
            take(block)
        if expected.read(1):
            raise SourceError(f"layer {layer.descriptor.digest} came back shorter than it was")
        return comparison.count


class _Comparison:
    """Compares the bytes it is given with the next ones of a stream."""

    def __init__(self, expected: BinaryIO) -> None:
        self._expected = expected
        self.count = 0

    def take(self, piece: bytes) -> None:
        if self._expected.read(len(piece)) != piece:
            raise SourceError(f"what came back differs within {len(piece)} bytes after byte {self.count}")
        self.count += len(piece)
