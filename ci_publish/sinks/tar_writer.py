"""A tar archive of documents and blobs, with the same bytes each time."""

from __future__ import annotations

import io
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ci_publish.errors import SourceError, UsageError
from ci_publish.oci import Blob, Digest, Image
from ci_publish.sinks.docker_archive import blob_path

_BLOCK = 1024 * 1024


def write_tar(path: Path, documents: Mapping[str, bytes], image: Image, *, on_bytes: Callable[[int], None]) -> None:
    """Write documents, then the image's manifests and blobs under their digests, each once.

    Args:
        path: the archive, there only when it is complete.
        documents: name → bytes.
        image: whose manifests and blobs to write; foreign layers that are nowhere at hand are left out.
        on_bytes: called with the number of bytes of each block that was written.

    Raises:
        SourceError: a blob cannot be read, or has another size or digest than its descriptor says.
        UsageError: the file cannot be written.
    """
    blobs = _blobs(image)
    with _appearing(path) as file:
        for name, data in documents.items():
            _write_file(file, name, len(data), iter([data]), on_bytes)
        for folder in ("blobs", *sorted({name.rpartition("/")[0] for name in blobs})):
            file.write(_header(folder, kind=tarfile.DIRTYPE, mode=0o755))
        for name, blob in sorted(blobs.items()):
            _write_file(file, name, blob.descriptor.size, _checked(blob), on_bytes)
        # POSIX: two blocks of zeros are the end.
        file.write(bytes(2 * tarfile.BLOCKSIZE))


def _blobs(image: Image) -> dict[str, Blob]:
    blobs: dict[str, Blob] = {}
    for each in image.walk():
        manifest = Blob(each.descriptor, partial(io.BytesIO, each.manifest))
        named = (manifest, *(blob for blob in each.blobs if not blob.descriptor.is_foreign or _is_at_hand(blob)))
        blobs.update({blob_path(blob.descriptor.digest): blob for blob in named})
    return blobs


def _is_at_hand(blob: Blob) -> bool:
    try:
        blob.open().close()
    except SourceError:
        return False
    return True


def _checked(blob: Blob) -> Iterator[bytes]:
    """The blob's bytes, and an error in place of their end when they are not the blob's."""
    digest, size = blob.descriptor.digest, blob.descriptor.size
    hasher = digest.hasher()
    count = 0
    with blob.open() as stream:
        while block := stream.read(_BLOCK):
            hasher.update(block)
            count += len(block)
            # An endless stream must not fill the disk.
            if count > size:
                raise SourceError(f"blob {digest} has more than the {size} bytes that are announced")
            yield block
    if count < size:
        raise SourceError(f"blob {digest} has {count} bytes where {size} are announced")
    if hasher.hexdigest() != digest.hex:
        raise SourceError(f"blob {digest} has the digest {Digest.from_hasher(hasher)}")


def _write_file(file: BinaryIO, name: str, size: int, blocks: Iterator[bytes], on_bytes: Callable[[int], None]) -> None:
    file.write(_header(name, size=size))
    for block in blocks:
        file.write(block)
        on_bytes(len(block))
    file.write(bytes(-size % tarfile.BLOCKSIZE))


def _header(name: str, *, size: int = 0, kind: bytes = tarfile.REGTYPE, mode: int = 0o644) -> bytes:
    # Owner, group and time are zero in a new TarInfo.
    member = tarfile.TarInfo(name)
    member.size, member.type, member.mode = size, kind, mode
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8")


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when all of it is on disk, and is gone when that fails."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
