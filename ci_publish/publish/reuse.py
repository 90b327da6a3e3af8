"""The registry as the cache: which compressed blob already holds a plain layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ci_publish.errors import RegistryError
from ci_publish.oci import Descriptor, Digest, Image, Reference, Repository
from ci_publish.oci.media_types import layer_compression
from ci_publish.publish.options import PushOptions
from ci_publish.registry import MALFORMED, Registry, fetch_image


def published_layers(
    registry: Registry,
    repository: Repository,
    refs: Iterable[str | Digest],
    *,
    options: PushOptions,
    note: Callable[[str], None],
) -> dict[Digest, Descriptor]:
    """For each layer of these images, by the digest of its plain bytes, the blob that holds it.

    `rootfs.diff_ids[i]` of a config names the plain bytes of `layers[i]` of its manifest (image-spec config.md).

    Args:
        registry: where to ask.
        repository: whose images.
        refs: tags or digests; one that is not there or cannot be understood is passed over.
        options: only layers compressed as asked for are reused.
        note: told what was passed over.
    """
    layers: dict[Digest, Descriptor] = {}
    for ref in refs:
        image = _fetch(registry, repository, ref, note)
        for part in image.walk() if image else ():
            for blob in part.layers:
                if blob.diff_id and layer_compression(blob.descriptor.media_type) == options.compression:
                    layers.setdefault(blob.diff_id, blob.descriptor)
    return layers


def _fetch(registry: Registry, repository: Repository, ref: str | Digest, note: Callable[[str], None]) -> Image | None:
    reference = Reference(repository, digest=ref) if isinstance(ref, Digest) else Reference(repository, tag=ref)
    try:
        return fetch_image(registry, reference)
    except RegistryError as error:
        # a broken image under the old tag must not keep a whole one from replacing it
        if error.status != 404 and MALFORMED not in error.codes:
            raise
        note(f"nothing is reused from {reference}: {error.message}")
        return None
