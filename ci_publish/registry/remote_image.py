"""An image in a registry → Image."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ci_publish.errors import MalformedError, UsageError
from ci_publish.oci import Blob, Descriptor, Digest, Image, ImageConfig, ImageManifest, Platform, Reference, Repository
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.oci.manifest import Index, parse_manifest
from ci_publish.oci.media_types import CONFIG_TYPES, layer_compression
from ci_publish.registry.blob_stream import BlobStream
from ci_publish.registry.client import Registry
from ci_publish.registry.malformed import malformed_refused

# An index in an index is legal; more depth, or more manifests and configs in all, is an attack on our time, and
# more of their bytes, which stay in memory, on our machine: one has some KB.
_MAX_DEPTH = 3
_MAX_DOCUMENTS = 1000
_MAX_BYTES = 128 * 1024 * 1024


def fetch_image(registry: Registry, reference: Reference, *, platform: Platform | None = None) -> Image:
    """The image that a reference names: manifests and configs now, other bytes when they are opened.

    Args:
        registry: the registry of the reference.
        reference: its digest counts before its tag; without either it is `latest`.
        platform: of an index, only the image for this one.

    Raises:
        RegistryError: it is not there, the registry failed, or a manifest or config breaks the image
            specification.
        UsageError: the index has no image for this platform.
    """
    with malformed_refused(registry.host):
        return _Remote(registry, reference.repository).image(reference.digest or reference.tag or "latest", platform)


@dataclass(frozen=True, slots=True)
class _Remote:
    registry: Registry
    repository: Repository
    # sizes of the manifests and configs so far
    fetched: list[int] = field(default_factory=list)

    def image(self, ref: str | Digest, platform: Platform | None) -> Image:
        descriptor, data = self.registry.get_manifest(self.repository, ref)
        if platform is not None:
            manifest = parse_manifest(data, self._name(ref), media_type=descriptor.media_type)
            if isinstance(manifest, Index):
                return self._child(_pick(manifest.manifests, platform, self._name(ref)), 1)
        return self._build(descriptor, data, 0)

    def _child(self, descriptor: Descriptor, depth: int) -> Image:
        if depth > _MAX_DEPTH:
            raise self._endless()
        self._count(descriptor)
        found, data = self.registry.get_manifest(self.repository, descriptor.digest)
        if found.size != descriptor.size:
            raise MalformedError(
                f"{self._name(descriptor.digest)} has {found.size} bytes where its index says {descriptor.size}"
            )
        # what the index says beyond the manifest: platform and annotations
        return self._build(replace(descriptor, media_type=found.media_type), data, depth)

    def _build(self, descriptor: Descriptor, data: bytes, depth: int) -> Image:
        name = self._name(descriptor.digest)
        manifest = parse_manifest(data, name, media_type=descriptor.media_type)
        if isinstance(manifest, ImageManifest):
            return self._single(descriptor, data, manifest)
        children = tuple(self._child(child, depth + 1) for child in manifest.manifests)
        return Image(descriptor, data, children=children)

    def _single(self, descriptor: Descriptor, data: bytes, manifest: ImageManifest) -> Image:
        config = self._config(manifest)
        if config is None:
            return Image(descriptor, data, tuple(map(self._blob, (manifest.config, *manifest.layers))))
        blob, parsed = config
        layers = [self._blob(layer) for layer in manifest.layers]
        # Where the counts differ nothing tells which is whose.
        if len(parsed.diff_ids) == len(layers):
            layers = [_with_diff_id(layer, diff_id) for layer, diff_id in zip(layers, parsed.diff_ids, strict=True)]
        platform = descriptor.platform or (parsed.platform if parsed.platform.is_known else None)
        return Image(replace(descriptor, platform=platform), data, (blob, *layers))

    def _config(self, manifest: ImageManifest) -> tuple[Blob, ImageConfig] | None:
        """The config when it is one of a runnable image; artifacts have anything there."""
        if manifest.config.media_type not in CONFIG_TYPES:
            return None
        self._count(manifest.config)
        data = self._blob(manifest.config).read(MAX_DOCUMENT_SIZE)
        blob = Blob(manifest.config, lambda: io.BytesIO(data))
        return blob, ImageConfig.parse(data, f"config of {self.repository}")

    def _count(self, document: Descriptor) -> None:
        self.fetched.append(document.size)
        if len(self.fetched) > _MAX_DOCUMENTS or sum(self.fetched) > _MAX_BYTES:
            raise self._endless()

    def _endless(self) -> MalformedError:
        return MalformedError(f"{self.repository} has an index with more images than one can be")

    def _blob(self, descriptor: Descriptor) -> Blob:
        registry, repository = self.registry, self.repository
        return Blob(
            descriptor,
            lambda: BlobStream.open(
                descriptor, lambda start: registry.open_blob(repository, descriptor.digest, start=start)
            ),
        )

    def _name(self, ref: str | Digest) -> str:
        return f"{self.repository}{'@' if isinstance(ref, Digest) else ':'}{ref}"


def _with_diff_id(layer: Blob, diff_id: Digest) -> Blob:
    # of an encrypted layer or an attestation the diff_id tells nothing about these bytes
    return replace(layer, diff_id=diff_id) if layer_compression(layer.descriptor.media_type) else layer


def _pick(manifests: Iterable[Descriptor], platform: Platform, name: str) -> Descriptor:
    wanted = str(platform.normalized())
    offered: dict[str, Descriptor] = {}
    for descriptor in manifests:
        if descriptor.platform and descriptor.platform.is_known:
            # of several the first counts (image-spec image-index.md)
            offered.setdefault(str(descriptor.platform.normalized()), descriptor)
    if wanted not in offered:
        raise UsageError(f"{name} has no image for {wanted}", hint=f"it has: {', '.join(offered) or 'none that run'}")
    return offered[wanted]
