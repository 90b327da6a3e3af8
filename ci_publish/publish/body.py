"""The bytes of one blob on their way to a registry: read once, checked, compressed where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from ci_publish.oci import Blob, Descriptor, Digest
from ci_publish.oci.media_types import OCI
from ci_publish.publish.compress import BLOCK_SIZE, Compressor
from ci_publish.sources.layer_check import LayerCheck

OnRead = Callable[[int], None]


class Body(Protocol):
    """An upload's body. Each iteration opens the blob anew, so that a failed upload can be repeated."""

    @property
    def descriptor(self) -> Descriptor | None:
        """What an iteration gives; `None` while only a whole one can tell."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, in blocks.

        Raises:
            SourceError: what was read is not what the source said; always before the iteration ends.
        """
        ...


class VerbatimBody:
    """A blob sent as it is, checked against its digest and, for a compressed layer, against its diff_id.

    A registry checks the digest too, but only we can know that the layer is the one its config names.
    """

    def __init__(self, blob: Blob, *, on_read: OnRead) -> None:
        self._blob = blob
        self._on_read = on_read
        self.descriptor: Descriptor | None = blob.descriptor

    def __iter__(self) -> Iterator[bytes]:
        """The blob's bytes."""
        check = LayerCheck(self._blob)
        with self._blob.open() as stream:
            for block in read_blocks(stream):
                check.update(block)
                self._on_read(len(block))
                yield block
        check.finish()


class CompressedBody:
    """A plain layer, compressed while it is sent and checked against its diff_id."""

    def __init__(self, layer: Blob, compressor: Compressor, *, on_read: OnRead) -> None:
        self._layer = layer
        self._compressor = compressor
        self._on_read = on_read
        self.descriptor: Descriptor | None = None

    def __iter__(self) -> Iterator[bytes]:
        """The compressed bytes."""
        hasher = Digest.of(b"").hasher()
        size = 0
        for compressed in self._compressor.compress(self._plain()):
            hasher.update(compressed)
            size += len(compressed)
            yield compressed
        self.descriptor = Descriptor(OCI.layers[self._compressor.name], Digest.from_hasher(hasher), size)

    def _plain(self) -> Iterator[bytes]:
        check = LayerCheck(self._layer)
        with self._layer.open() as stream:
            for block in read_blocks(stream):
                check.update(block)
                self._on_read(len(block))
                yield block
        check.finish()


def check_blob(blob: Blob, *, on_read: OnRead) -> None:
    """Read a blob that is not sent, for its checks alone.

    Raises:
        SourceError: what was read is not what the source said.
    """
    for _ in VerbatimBody(blob, on_read=on_read):
        pass


def read_blocks(stream: BinaryIO) -> Iterator[bytes]:
    """The stream's bytes in blocks of `BLOCK_SIZE`, whatever it gives at a time; the last may be shorter."""
    while block := stream.read(BLOCK_SIZE):
        # a raw stream may give less than asked for, and the blocks decide the compressed bytes
        while len(block) < BLOCK_SIZE and (more := stream.read(BLOCK_SIZE - len(block))):
            block += more
        yield block
