"""The image: manifest bytes, the blobs they name, and the images below."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

from ci_publish.errors import MalformedError
from ci_publish.oci.descriptor import Descriptor
from ci_publish.oci.digest import Digest
from ci_publish.oci.media_types import INDEX_TYPES, layer_compression
from ci_publish.oci.platform import Platform

# BuildKit files attestations as children of the index under this annotation (its attestation-storage.md).
_ATTESTATION_KEY = "vnd.docker.reference.type"


@dataclass(frozen=True, slots=True)
class Blob:
    """Facts about some bytes, with a way to open them, as often as one likes.

    Args:
        descriptor: media type, digest and size of the bytes.
        open: opens the bytes from their start; each call gives a stream of its own.
        diff_id: for a layer, the digest of its plain bytes, as the image's config has it.
    """

    descriptor: Descriptor
    open: Callable[[], BinaryIO]
    diff_id: Digest | None = None

    @classmethod
    def of(cls, data: bytes, media_type: str) -> Self:
        """A blob of bytes in memory, for documents."""
        return cls(Descriptor(media_type, Digest.of(data), len(data)), lambda: io.BytesIO(data))

    def read(self, limit: int) -> bytes:
        """All bytes of a small blob, checked against the descriptor.

        Args:
            limit: the most bytes to accept.

        Raises:
            MalformedError: the blob is larger than the limit, shorter than it says, or has another digest.
        """
        digest, size = self.descriptor.digest, self.descriptor.size
        if size > limit:
            raise MalformedError(f"blob {digest.short} has {size} bytes; the limit is {limit}")
        with self.open() as stream:
            # One byte more than announced, so that a longer blob is noticed; a stream may give less than is asked.
            data = b""
            while len(data) <= size and (part := stream.read(size + 1 - len(data))):
                data += part
        if len(data) != size:
            raise MalformedError(f"blob {digest.short} does not have the {size} bytes that its descriptor says")
        hasher = digest.hasher()
        hasher.update(data)
        if hasher.hexdigest() != digest.hex:
            raise MalformedError(f"blob {digest.short} does not have the digest that names it")
        return data


@dataclass(frozen=True, slots=True)
class Image:
    """An image, an index of images or an artifact: one type, so that a push is a walk.

    Args:
        descriptor: of the manifest; its platform is set where known.
        manifest: the manifest's bytes, verbatim.
        blobs: config, then layers, bottom layer first, as the manifest names them; empty for an index.
        children: the images of an index, in its order; empty otherwise.
        composed: whether the manifest was written by us because the source had none. Then, and only then,
            its plain layers may be published compressed, under another manifest.
    """

    descriptor: Descriptor
    manifest: bytes
    blobs: tuple[Blob, ...] = ()
    children: tuple[Image, ...] = ()
    composed: bool = False

    @property
    def is_index(self) -> bool:
        """Whether this stands for several images."""
        return self.descriptor.media_type in INDEX_TYPES

    @property
    def is_attestation(self) -> bool:
        """Whether this child of an index holds statements about its siblings rather than something to run."""
        return _ATTESTATION_KEY in self.descriptor.annotations

    @property
    def config(self) -> Blob:
        """The config; an index has none."""
        return self.blobs[0]

    @property
    def layers(self) -> tuple[Blob, ...]:
        """The layers, bottom layer first."""
        return self.blobs[1:]

    @property
    def platform(self) -> Platform | None:
        """What the image runs on, where it says so."""
        return self.descriptor.platform

    def walk(self) -> Iterator[Image]:
        """Every image below and this one, children before their parent: the order of a push."""
        for child in self.children:
            yield from child.walk()
        yield self

    def platforms(self) -> tuple[Image, ...]:
        """The images that run somewhere: itself, or those of the index, without attestations."""
        return tuple(image for image in self.walk() if not image.is_index and not image.is_attestation)

    def size(self) -> int:
        """Bytes of all content, each digest counted once."""
        sizes = {image.descriptor.digest: image.descriptor.size for image in self.walk()}
        for image in self.walk():
            sizes.update({blob.descriptor.digest: blob.descriptor.size for blob in image.blobs})
        return sum(sizes.values())


def is_plain_layer(blob: Blob) -> bool:
    """Whether the blob is a layer stored without compression."""
    return blob.diff_id is not None and layer_compression(blob.descriptor.media_type) == "none"
