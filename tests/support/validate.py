"""The law of images: every digest, size and diff_id is that of the bytes."""

from __future__ import annotations

import zlib
from typing import BinaryIO

import zstandard

from ci_publish.oci import Blob, Digest, Image, ImageConfig, ImageManifest, Index, parse_manifest
from ci_publish.oci.media_types import CONFIG_TYPES, layer_compression

_BLOCK = 256 * 1024


def validate(image: Image) -> None:
    """Read everything the image holds and compare it with what the image says, down to the last child.

    Raises:
        AssertionError: something differs.
    """
    assert Digest.of(image.manifest) == image.descriptor.digest
    assert len(image.manifest) == image.descriptor.size
    manifest = parse_manifest(image.manifest, "the manifest", media_type=image.descriptor.media_type)
    if isinstance(manifest, Index):
        assert image.is_index
        assert not image.blobs
        assert [_facts(child) for child in image.children] == [
            (each.media_type, each.digest, each.size) for each in manifest.manifests
        ]
        for child in image.children:
            validate(child)
        return
    assert not image.is_index
    assert not image.children
    _validate_blobs(image, manifest)


def read_all(blob: Blob) -> bytes:
    """The bytes of a blob, opened once more."""
    with blob.open() as stream:
        return _all(stream)


def _facts(image: Image) -> tuple[str, Digest, int]:
    return image.descriptor.media_type, image.descriptor.digest, image.descriptor.size


def _validate_blobs(image: Image, manifest: ImageManifest) -> None:
    assert [blob.descriptor for blob in image.blobs] == [manifest.config, *manifest.layers]
    for blob in image.blobs:
        if not blob.descriptor.is_foreign:
            _validate_blob(blob)
    if manifest.config.media_type not in CONFIG_TYPES:
        return
    config = ImageConfig.parse(read_all(image.config), "the config")
    assert image.platform == config.platform
    if any(layer_compression(layer.media_type) for layer in manifest.layers):
        assert [layer.diff_id for layer in image.layers] == list(config.diff_ids)


def _validate_blob(blob: Blob) -> None:
    data = read_all(blob)
    assert len(data) == blob.descriptor.size
    hasher = blob.descriptor.digest.hasher()
    hasher.update(data)
    assert Digest.from_hasher(hasher) == blob.descriptor.digest
    if blob.diff_id:
        compression = layer_compression(blob.descriptor.media_type)
        assert compression is not None, "a diff_id is a layer's"
        assert Digest.of(_plain(data, compression)) == blob.diff_id


def _plain(data: bytes, compression: str) -> bytes:
    match compression:
        case "gzip":
            return zlib.decompress(data, 31)
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(data)
        case _:
            return data


def _all(stream: BinaryIO) -> bytes:
    parts = []
    while part := stream.read(_BLOCK):
        parts.append(part)
    return b"".join(parts)
