"""Images read from blobs that are filed under their digests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from ci_publish.errors import MalformedError, SourceError
from ci_publish.oci import Blob, Descriptor, Digest, Image, ImageConfig, ImageManifest, Index, parse_manifest
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.oci.media_types import CONFIG_TYPES, INDEX_TYPES, MANIFEST_TYPES, layer_compression
from ci_publish.oci.platform import Platform
from ci_publish.sources.files import File, Files
from ci_publish.sources.layers import REBUILD_HINT, check_count, check_plain, refuse_foreign

# Far above what is in use, and low enough that indexes of indexes of indexes come to an end.
_MAX_DEPTH, _MAX_MANIFESTS = 8, 1000
_MAX_LISTED = 10
# BuildKit's cache exports are layouts too (its cache/remotecache/v1/spec.go).
_CACHE_CONFIG = "application/vnd.buildkit.cacheconfig"
_CACHE_HINT = "this is a BuildKit cache (--cache-to); export the image, with --output type=oci,dest=image.tar"


def is_manifest(descriptor: Descriptor) -> bool:
    """Whether the descriptor is of an image, an artifact or an index."""
    return descriptor.media_type in INDEX_TYPES | MANIFEST_TYPES


class ImageReader:
    """Makes images of descriptors: manifests and configs are checked now, layers found now and checked when read."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._manifests = 0

    def image(self, descriptor: Descriptor) -> Image:
        """The image or index that the descriptor names.

        Raises:
            SourceError: a blob is missing, or has another size or digest.
            MalformedError: a manifest or a config is malformed.
        """
        return self._image(descriptor, 0)

    def search(self, descriptors: Iterable[Descriptor], digest: Digest) -> Descriptor | None:
        """The descriptor with this digest among these and those below them; what is missing is passed over."""
        return self._search(descriptors, digest, 0)

    def _search(self, descriptors: Iterable[Descriptor], digest: Digest, depth: int) -> Descriptor | None:
        for descriptor in descriptors:
            if descriptor.digest == digest:
                return descriptor
            if descriptor.media_type not in INDEX_TYPES or self._file(descriptor.digest) is None:
                continue
            manifest = self._manifest(descriptor, depth)[1]
            if isinstance(manifest, Index) and (found := self._search(manifest.manifests, digest, depth + 1)):
                return found
        return None

    def _image(self, descriptor: Descriptor, depth: int) -> Image:
        data, manifest = self._manifest(descriptor, depth)
        if isinstance(manifest, Index):
            return Image(descriptor, data, children=self._children(manifest, descriptor, depth))
        blobs, platform = self._blobs(manifest, descriptor)
        return Image(replace(descriptor, platform=descriptor.platform or platform), data, blobs=blobs)

    def _manifest(self, descriptor: Descriptor, depth: int) -> tuple[bytes, ImageManifest | Index]:
        # An index may be listed by many, so that a few of them unfold to any number.
        self._manifests += 1
        if depth > _MAX_DEPTH or self._manifests > _MAX_MANIFESTS:
            raise MalformedError(
                f"has more than {_MAX_MANIFESTS} manifests, or indexes more than {_MAX_DEPTH} levels deep"
            )
        what = f"manifest {descriptor.digest.short}"
        if not is_manifest(descriptor):
            raise SourceError(f"{what} has the media type {descriptor.media_type[:100]!r}, which cannot be published")
        data = self._blob(descriptor, what).read(MAX_DOCUMENT_SIZE)
        return data, parse_manifest(data, what, media_type=descriptor.media_type)

    def _children(self, index: Index, parent: Descriptor, depth: int) -> tuple[Image, ...]:
        if any(_is_cache(child) for child in index.manifests):
            raise SourceError("holds no image", hint=_CACHE_HINT)
        if not index.manifests:
            raise SourceError(f"index {parent.digest.short} lists no image", hint=REBUILD_HINT)
        missing = [child for child in index.manifests if self._file(child.digest) is None]
        if missing:
            raise SourceError(
                f"index {parent.digest.short} lists {len(index.manifests)} images, of which {len(missing)} are not "
                f"in the archive: {_listed(missing)}",
                hint=_incomplete_hint([child for child in index.manifests if self._file(child.digest)]),
            )
        return tuple(self._image(child, depth + 1) for child in index.manifests)

    def _blobs(self, manifest: ImageManifest, parent: Descriptor) -> tuple[tuple[Blob, ...], Platform | None]:
        if _is_cache(manifest.config):
            raise SourceError("holds no image", hint=_CACHE_HINT)
        what = f"manifest {parent.digest.short}"
        config = self._blob(manifest.config, f"the config of {what}")
        layers = tuple(
            self._blob(layer, f"layer {number} of {what}") for number, layer in enumerate(manifest.layers, start=1)
        )
        if manifest.config.media_type not in CONFIG_TYPES:
            if manifest.config.size <= MAX_DOCUMENT_SIZE:
                config.read(MAX_DOCUMENT_SIZE)
            return (config, *layers), None
        parsed = ImageConfig.parse(config.read(MAX_DOCUMENT_SIZE), f"the config of {what}")
        platform = parsed.platform if parsed.platform.architecture else None
        # Artifacts borrow the image config's type for layers that are no file systems, and leave the config empty.
        if any(layer_compression(layer.media_type) for layer in manifest.layers):
            check_count(parsed, len(layers))
            numbered = enumerate(zip(layers, parsed.diff_ids, strict=True), start=1)
            layers = tuple(_with_diff_id(layer, diff_id, number) for number, (layer, diff_id) in numbered)
        return (config, *layers), platform

    def _blob(self, descriptor: Descriptor, what: str) -> Blob:
        file = self._file(descriptor.digest)
        if file is None and descriptor.is_foreign:
            return Blob(descriptor, partial(refuse_foreign, descriptor))
        if file is None:
            raise SourceError(f"{what}, {descriptor.digest}, is missing", hint=REBUILD_HINT)
        if file.size != descriptor.size:
            raise SourceError(
                f"{what}, {descriptor.digest}, has {file.size} bytes where {descriptor.size} are announced",
                hint=REBUILD_HINT,
            )
        return Blob(descriptor, file.open)

    def _file(self, digest: Digest) -> File | None:
        return self._files.find(f"blobs/{digest.algorithm}/{digest.hex}")


def _with_diff_id(layer: Blob, diff_id: Digest, number: int) -> Blob:
    descriptor = layer.descriptor
    compression = layer_compression(descriptor.media_type)
    # Of an encrypted layer, say, the diff_id tells nothing about these bytes.
    if compression is None:
        return layer
    if compression == "none" and not descriptor.is_foreign and descriptor.digest.algorithm == diff_id.algorithm:
        check_plain(descriptor.digest, diff_id, number)
    return replace(layer, diff_id=diff_id)


def _is_cache(descriptor: Descriptor) -> bool:
    return descriptor.media_type.startswith(_CACHE_CONFIG)


def _listed(descriptors: list[Descriptor]) -> str:
    names = ", ".join(map(_name, descriptors[:_MAX_LISTED]))
    return names if len(descriptors) <= _MAX_LISTED else f"{names} and {len(descriptors) - _MAX_LISTED} more"


def _name(descriptor: Descriptor) -> str:
    return f"{descriptor.platform} {descriptor.digest}" if descriptor.platform else str(descriptor.digest)


def _incomplete_hint(present: list[Descriptor]) -> str:
    advice = "save what is there only, such as docker save --platform linux/amd64, or pull the other platforms first"
    runnable = [child for child in present if child.platform and child.platform.is_known]
    choices = [f"--select {child.digest} publishes {child.platform} alone" for child in runnable[:_MAX_LISTED]]
    return "\n".join([advice, *choices])
