"""The archive of `docker save`, as every tool writes it: `manifest.json`, configs and layers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Self

from ci_publish.errors import MalformedError, SourceError
from ci_publish.oci import Blob, Descriptor, Digest, ImageConfig
from ci_publish.oci.compose import compose_image
from ci_publish.oci.document import JsonObject, field, parse_json, string_list
from ci_publish.oci.media_types import OCI, Compression
from ci_publish.sources.files import File, Files, read_document
from ci_publish.sources.layer_check import INFLATERS
from ci_publish.sources.layers import REBUILD_HINT, check_count, check_plain, refuse_foreign
from ci_publish.sources.named_image import NamedImage, each_once

MANIFEST = "manifest.json"
_MAX_IMAGES = 1000
_BLOCK = 1024 * 1024
# Docker since 25 names files after their bytes; other names say nothing, not even those with a digest in them.
_CONTENT_NAME = re.compile(r"blobs/(sha256)/([0-9a-f]{64})")


def matches(files: Files) -> bool:
    """Whether these files are such an archive."""
    return files.find(MANIFEST) is not None


def read(files: Files, only: Digest | None = None) -> tuple[NamedImage, ...]:  # noqa: ARG001 - every source has it
    """The images of the archive, under manifests composed here, because it has none.

    Plain layers stand under their diff_id; whoever reads them checks it. Compressed layers are kept as they are: each
    is read once to learn its digest and to check its diff_id.

    Raises:
        SourceError: a file is missing or has other content than the config says.
        MalformedError: `manifest.json` or a config is malformed.
    """
    entries = parse_json(read_document(files, MANIFEST), MANIFEST)
    if not isinstance(entries, list):
        raise MalformedError(
            f"{MANIFEST} is not a list of images",
            hint="skopeo's dir: has such a file; write docker-archive:image.tar or oci-archive:image.tar",
        )
    if not entries:
        raise SourceError(f"{MANIFEST} lists no image", hint="save the image again and name it: docker save NAME")
    if len(entries) > _MAX_IMAGES:
        raise MalformedError(f"{MANIFEST} lists {len(entries)} images; the limit is {_MAX_IMAGES}")
    reader = _Reader(files)
    return each_once(reader.image(_Entry.parse(entry, f"{MANIFEST}[{n}]")) for n, entry in enumerate(entries))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One image of `manifest.json`: file names, references and, by diff_id, descriptors of foreign layers."""

    config: str
    layers: tuple[str, ...]
    names: tuple[str, ...]
    foreign: dict[Digest, Descriptor]

    @classmethod
    def parse(cls, entry: object, what: str) -> Self:
        if not isinstance(entry, dict):
            raise MalformedError(f"{what} is not an object")
        sources: JsonObject = field(entry, "LayerSources", dict, what, required=False)
        return cls(
            config=field(entry, "Config", str, what),
            layers=string_list(entry, "Layers", what),
            names=string_list(entry, "RepoTags", what),
            foreign=dict(_foreign(sources, what)),
        )


def _foreign(sources: JsonObject, what: str) -> Iterator[tuple[Digest, Descriptor]]:
    for diff_id in sources:
        source: JsonObject = field(sources, diff_id, dict, f"LayerSources of {what}")
        descriptor = Descriptor.from_json(source, f"layer source {diff_id[:80]} of {what}")
        # Docker since 25 lists ordinary layers here too.
        if descriptor.is_foreign:
            yield Digest.parse(diff_id), descriptor


def _content_name(name: str) -> Digest | None:
    match = _CONTENT_NAME.fullmatch(posixpath.normpath(name))
    return Digest(*match.groups()) if match else None


class _Reader:
    """Reads images that may share layers."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[tuple[str, Digest], Blob] = {}

    def image(self, entry: _Entry) -> NamedImage:
        data = read_document(self._files, entry.config)
        config = ImageConfig.parse(data, f"config {entry.config}")
        check_count(config, len(entry.layers))
        if (named := _content_name(entry.config)) and named != Digest.of(data):
            raise SourceError(f"{entry.config} has other content than its name says", hint=REBUILD_HINT)
        layers = [
            self._foreign_layer(name, entry.foreign[diff_id], diff_id)
            if diff_id in entry.foreign
            else self._layer(name, diff_id, number)
            for number, (name, diff_id) in enumerate(zip(entry.layers, config.diff_ids, strict=True), start=1)
        ]
        platform = config.platform if config.platform.architecture else None
        return NamedImage(compose_image(Blob.of(data, OCI.config), layers, platform=platform), entry.names)

    def _layer(self, name: str, diff_id: Digest, number: int) -> Blob:
        # Images often share layers, and one image may have a layer twice.
        if (name, diff_id) not in self._known:
            self._known[name, diff_id] = self._new_layer(name, diff_id, number)
        return self._known[name, diff_id]

    def _new_layer(self, name: str, diff_id: Digest, number: int) -> Blob:
        file = self._files.find(name)
        if file is None:
            raise SourceError(f"layer {number}, {name}, is missing", hint=REBUILD_HINT)
        match file.compression():
            case None:
                if named := _content_name(name):
                    check_plain(named, diff_id, number)
                return Blob(Descriptor(OCI.layers["none"], diff_id, file.size), file.open, diff_id)
            case "gzip" | "zstd" as compression:
                return _compressed_layer(file, compression, diff_id, f"layer {number}, {name},")
            case other:
                raise SourceError(
                    f"layer {number}, {name}, is compressed with {other}, which images do not allow",
                    hint="write layers plain, or compressed with gzip or zstd",
                )

    def _foreign_layer(self, name: str, descriptor: Descriptor, diff_id: Digest) -> Blob:
        file = self._files.find(name)
        if file is None or file.size != descriptor.size:
            return Blob(descriptor, partial(refuse_foreign, descriptor), diff_id)
        return Blob(descriptor, file.open, diff_id)


def _compressed_layer(file: File, compression: Compression, diff_id: Digest, what: str) -> Blob:
    whole, plain = Digest.of(b"").hasher(), diff_id.hasher()
    inflater = INFLATERS[compression](plain.update)
    with file.open() as stream:
        while block := stream.read(_BLOCK):
            whole.update(block)
            inflater.update(block)
    if not inflater.is_complete():
        raise SourceError(f"{what} is truncated: its {compression} stream has no end", hint=REBUILD_HINT)
    if plain.hexdigest() != diff_id.hex:
        raise SourceError(
            f"{what} has the diff_id {Digest.from_hasher(plain)} where the config names {diff_id}", hint=REBUILD_HINT
        )
    return Blob(Descriptor(OCI.layers[compression], Digest.from_hasher(whole), file.size), file.open, diff_id)
