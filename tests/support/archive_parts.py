"""The parts archives are made of: layers, configs, tar archives and OCI layouts, with the same bytes each time."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import zstandard

from ci_publish.oci.media_types import OCI, OCI_EMPTY, Compression, Family

Json = dict[str, Any]


@dataclass(frozen=True)
class SymLink:
    """A symbolic link in an archive."""

    target: str


@dataclass(frozen=True)
class HardLink:
    """A hard link in an archive."""

    target: str


Files = dict[str, bytes | SymLink | HardLink]


def encoded(value: Any) -> bytes:
    """A JSON document, as Go writes it."""
    return json.dumps(value, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    """The hex digest."""
    return hashlib.sha256(data).hexdigest()


def digest(data: bytes) -> str:
    """The digest with its algorithm."""
    return f"sha256:{sha256(data)}"


def tar(files: Mapping[str, bytes | SymLink | HardLink], *, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of these files, in their order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files.items():
            add(archive, name, content)
    return buffer.getvalue()


def add(archive: tarfile.TarFile, name: str, content: bytes | SymLink | HardLink) -> None:
    """Append one member; a name that ends in a slash is a folder."""
    member = tarfile.TarInfo(name.rstrip("/"))
    if isinstance(content, bytes):
        member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
        return
    member.type = tarfile.SYMTYPE if isinstance(content, SymLink) else tarfile.LNKTYPE
    member.linkname = content.target
    archive.addfile(member)


def layer(number: int = 0, *, size: int = 2000) -> bytes:
    """The plain bytes of a layer: a tar archive with a file that compresses badly."""
    noise = b"".join(hashlib.sha512(f"{number}.{n}".encode()).digest() for n in range(size // 64 + 1))[:size]
    return tar({f"usr/share/layer-{number}": noise, "etc/": b"", "etc/motd": f"layer {number}\n".encode() * 20})


def config(layers: Sequence[bytes], *, platform: str = "linux/amd64", labels: Mapping[str, str] | None = None) -> bytes:
    """An image config over the plain bytes of layers."""
    os, architecture, *variant = platform.split("/")
    document: Json = {
        "architecture": architecture,
        "os": os,
        "config": {"Cmd": ["/bin/true"], "Labels": dict(labels or {})},
        "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in layers]},
    }
    if variant:
        document["variant"] = variant[0]
    return encoded(document)


def compressed(data: bytes, compression: str) -> bytes:
    """The bytes in gzip, zstd, xz, bzip2 or none."""
    match compression:
        case "gzip":
            return gzip.compress(data, 6, mtime=0)
        case "zstd":
            return zstandard.ZstdCompressor().compress(data)
        case "xz":
            return lzma.compress(data)
        case "bzip2":
            return bz2.compress(data)
        case _:
            return data


LAYERS = (layer(0), layer(1), layer(2))


@dataclass
class Layout:
    """Blobs, to which images are added, and what is needed to make files of them."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    def add(self, data: bytes, media_type: str, **more: Any) -> Json:
        """File a blob; its descriptor."""
        self.blobs[sha256(data)] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)} | more

    def image(
        self,
        layers: Sequence[bytes] = LAYERS[:2],
        *,
        platform: str = "linux/amd64",
        compression: Compression = "gzip",
        family: Family = OCI,
        with_media_type: bool = True,
    ) -> Json:
        """Add an image; its descriptor, with the platform."""
        manifest: Json = {"schemaVersion": 2}
        if with_media_type:
            manifest["mediaType"] = family.manifest
        manifest["config"] = self.add(config(layers, platform=platform), family.config)
        manifest["layers"] = [self.add(compressed(each, compression), family.layers[compression]) for each in layers]
        return self.add(encoded(manifest), family.manifest, platform=_platform(platform))

    def attestation(self, subject: Json) -> Json:
        """Add what BuildKit files beside an image; its descriptor."""
        statement = encoded({"_type": "https://in-toto.io/Statement/v0.1", "subject": [subject["digest"]]})
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI.manifest,
            "config": self.add(config([statement], platform="unknown/unknown"), OCI.config),
            "layers": [
                self.add(
                    statement,
                    "application/vnd.in-toto+json",
                    annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"},
                )
            ],
        }
        return self.add(
            encoded(manifest),
            OCI.manifest,
            annotations={
                "vnd.docker.reference.digest": subject["digest"],
                "vnd.docker.reference.type": "attestation-manifest",
            },
            platform=_platform("unknown/unknown"),
        )

    def artifact(self) -> Json:
        """Add an artifact with an empty config; its descriptor."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI.manifest,
            "artifactType": "application/vnd.example.sbom",
            "config": self.add(b"{}", OCI_EMPTY),
            "layers": [
                self.add(b"name,version\n", "text/csv", annotations={"org.opencontainers.image.title": "a.csv"})
            ],
        }
        return self.add(encoded(manifest), OCI.manifest, artifactType="application/vnd.example.sbom")

    def index(self, children: Sequence[Json], *, family: Family = OCI) -> Json:
        """Add an index; its descriptor."""
        document = {"schemaVersion": 2, "mediaType": family.index, "manifests": list(children)}
        return self.add(encoded(document), family.index)

    def files(self, *entries: Json, with_media_type: bool = True) -> Files:
        """The files of a layout whose index.json has these entries."""
        index: Json = {"schemaVersion": 2, "manifests": list(entries)}
        if with_media_type:
            index["mediaType"] = OCI.index
        return {
            **{f"blobs/sha256/{name}": data for name, data in sorted(self.blobs.items())},
            "index.json": encoded(index),
            "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        }


def named(descriptor: Json, *, tag: str | None = None, reference: str | None = None) -> Json:
    """The descriptor with the annotations that name it in index.json; without its platform, as most write it."""
    annotations = dict(descriptor.get("annotations", {}))
    if reference:
        annotations["io.containerd.image.name"] = reference
    if tag:
        annotations["org.opencontainers.image.ref.name"] = tag
    return {k: v for k, v in descriptor.items() if k != "platform"} | {"annotations": annotations}


def _platform(text: str) -> Json:
    os, architecture, *variant = text.split("/")
    return {"architecture": architecture, "os": os} | ({"variant": variant[0]} if variant else {})
