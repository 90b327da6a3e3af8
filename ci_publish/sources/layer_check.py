"""Whether a layer's bytes are the ones that its descriptor and its config name."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Protocol, cast

import zstandard
from isal import igzip_lib, isal_zlib

from ci_publish.errors import SourceError
from ci_publish.oci import Blob, Digest
from ci_publish.oci.media_types import layer_compression

Sink = Callable[[bytes], object]
# A small compressed block may unfold to gigabytes; so much of it is in memory at once.
_PIECE = 1024 * 1024


class Inflater(Protocol):
    """A decompressor that is fed what comes and passes on the plain bytes in pieces."""

    def update(self, data: bytes) -> None:
        """Take the next compressed bytes."""
        ...

    def is_complete(self) -> bool:
        """Whether the stream may end here."""
        ...


class GzipInflater:
    """For gzip (RFC 1952), with any number of members and zero bytes after the last."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._member = isal_zlib.decompressobj(31)

    def update(self, data: bytes) -> None:
        """Take the next compressed bytes.

        Raises:
            SourceError: this is not gzip.
        """
        more = bool(data)
        while more:
            if self._member.eof and not (data := data.lstrip(b"\0")):
                return
            if self._member.eof:
                self._member = isal_zlib.decompressobj(31)
            try:
                piece = self._member.decompress(data, _PIECE)
            except igzip_lib.IsalError as error:  # type: ignore[misc]  # isal's stubs call the class an instance
                raise SourceError(f"the layer's gzip data is broken: {error}") from None
            self._sink(piece)
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            # a full piece may have left plain bytes behind although all input is consumed
            more = bool(data) or len(piece) == _PIECE

    def is_complete(self) -> bool:
        """Whether a member has just ended."""
        return self._member.eof


class ZstdInflater:
    """For zstd (RFC 8878), with any number of frames."""

    def __init__(self, sink: Sink) -> None:
        self._stream = zstandard.ZstdDecompressor().stream_writer(cast("IO[bytes]", _SinkFile(sink)), write_size=_PIECE)

    def update(self, data: bytes) -> None:
        """Take the next compressed bytes.

        Raises:
            SourceError: this is not zstd.
        """
        try:
            self._stream.write(data)
        except zstandard.ZstdError as error:
            raise SourceError(f"the layer's zstd data is broken: {error}") from None

    def is_complete(self) -> bool:
        """Always: the library does not tell where a frame ends, and the diff_id does."""
        return True


class _SinkFile:
    """As much of a file as `zstandard` writes to."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink(data)
        return len(data)


# How to unfold a compressed layer.
INFLATERS: dict[str, Callable[[Sink], Inflater]] = {"gzip": GzipInflater, "zstd": ZstdInflater}


class LayerCheck:
    """Fed a blob's bytes in order, tells at their end whether they are the right ones."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._size = 0
        self._hasher = blob.descriptor.digest.hasher()
        self._plain_hasher = (blob.diff_id or blob.descriptor.digest).hasher()
        compression = layer_compression(blob.descriptor.media_type)
        # for plain bytes the digest says it all
        self._inflater = (
            INFLATERS[compression](self._plain_hasher.update) if compression in INFLATERS and blob.diff_id else None
        )

    def update(self, data: bytes) -> None:
        """Take the next bytes.

        Raises:
            SourceError: the layer's compressed data is broken.
        """
        self._size += len(data)
        self._hasher.update(data)
        if self._inflater:
            self._inflater.update(data)

    def finish(self) -> None:
        """Nothing, when the bytes were the right ones.

        Raises:
            SourceError: size, digest or diff_id is another.
        """
        descriptor, diff_id = self._blob.descriptor, self._blob.diff_id
        if self._size != descriptor.size:
            raise SourceError(
                f"blob {descriptor.digest.short} has {self._size} bytes where its descriptor says {descriptor.size}"
            )
        if self._hasher.hexdigest() != descriptor.digest.hex:
            what = "diff_id" if diff_id == descriptor.digest else "digest"
            raise SourceError(
                f"blob {descriptor.digest} has another {what}: {Digest.from_hasher(self._hasher)}", hint=_HINT
            )
        if self._inflater is None or diff_id is None:
            return
        if not self._inflater.is_complete() or self._plain_hasher.hexdigest() != diff_id.hex:
            raise SourceError(
                f"layer {descriptor.digest.short} does not have the diff_id {diff_id.short} that the config names",
                hint=_HINT,
            )


_HINT = "the archive is damaged or was written wrongly; build or save it again"
