"""Archives with one thing wrong."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

from ci_publish.oci.media_types import OCI
from tests.support import oci_shapes
from tests.support.archive_parts import (
    LAYERS,
    Files,
    HardLink,
    Json,
    Layout,
    SymLink,
    add,
    compressed,
    config,
    encoded,
    named,
    sha256,
    tar,
)
from tests.support.docker_shapes import entry

ONE_CONFIG = config(LAYERS[:2])
ONE_LAYER = compressed(LAYERS[0], "gzip")
GARBAGE = bytes(range(256)) * 64


# --- what is no image ----------------------------------------------------------------------------------------------


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("image.tar", "")
    return buffer.getvalue()


def export() -> bytes:
    return tar(
        {".dockerenv": b"", "bin/": b"", "etc/": b"", "etc/hostname": b"x", "usr/": b"", "dev/": b"", "proc/": b""}
    )


def cache_index() -> bytes:
    layout = Layout()
    children = [
        layout.add(compressed(LAYERS[0], "gzip"), OCI.layers["gzip"]),
        layout.add(encoded({"layers": [], "records": []}), "application/vnd.buildkit.cacheconfig.v0"),
    ]
    return tar(layout.files(named(layout.index(children), tag="latest")))


def cache_image() -> bytes:
    layout = Layout()
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": layout.add(encoded({"layers": []}), "application/vnd.buildkit.cacheconfig.v0"),
        "layers": [layout.add(compressed(LAYERS[0], "gzip"), OCI.layers["gzip"])],
    }
    return tar(layout.files(layout.add(encoded(manifest), OCI.manifest)))


# --- broken Docker archives ----------------------------------------------------------------------------------------


def docker(**changes: bytes | SymLink | HardLink) -> Files:
    """An archive of one image with its layers in a.tar and b.tar, changed."""
    return {
        "a.tar": LAYERS[0],
        "b.tar": LAYERS[1],
        "c.json": config(LAYERS[:2]),
        "manifest.json": encoded([entry("c.json", ["a.tar", "b.tar"], ["app:1"])]),
    } | {name.replace("_", "."): content for name, content in changes.items()}


def manifest(value: Any) -> bytes:
    return tar(docker(manifest_json=encoded(value)))


def without(files: Files, *names: str) -> bytes:
    return tar({name: content for name, content in files.items() if name not in names})


def twice(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member, content in docker().items():
            add(archive, member, content)
        add(archive, name, docker()[name])
    return buffer.getvalue()


def sparse() -> bytes:
    files = docker()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            if name != "a.tar":
                add(archive, name, content)
        member = tarfile.TarInfo("a.tar")
        member.type = tarfile.GNUTYPE_SPARSE
        archive.addfile(member)
    return buffer.getvalue()


def negative_size() -> bytes:
    member = tarfile.TarInfo("manifest.json")
    member.pax_headers = {"size": "-1024"}
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8") + tar(docker())


def endless_header() -> bytes:
    member = tarfile.TarInfo("././@PaxHeader")
    member.type, member.size = tarfile.XHDTYPE, 10**12
    return tar({"first": b""}).rstrip(b"\0").ljust(512, b"\0") + member.tobuf(tarfile.GNU_FORMAT) + tar(docker())


def damaged_header() -> bytes:
    data = bytearray(tar(docker()))
    position = data.index(b"b.tar\0")
    data[position] ^= 0xFF
    return bytes(data)


def cut(data: bytes, size: int) -> bytes:
    return data[:size] if size > 0 else data[: len(data) + size]


# --- broken layouts ------------------------------------------------------------------------------------------------


def layout(**changes: bytes) -> bytes:
    return tar(oci_shapes.one_image() | {name.replace("_", "."): content for name, content in changes.items()})


def blob_changed(files: Files, blob: bytes, content: bytes) -> bytes:
    name = f"blobs/sha256/{sha256(blob)}"
    assert name in files
    return tar(files | {name: content})


def blob_missing(files: Files, blob: bytes) -> bytes:
    name = f"blobs/sha256/{sha256(blob)}"
    assert name in files
    return without(files, name)


def partial_index() -> bytes:
    layout = Layout()
    children = [layout.image(), layout.image(LAYERS[1:], platform="linux/arm64/v8")]
    index = layout.index(children)
    del layout.blobs[children[1]["digest"].removeprefix("sha256:")]
    return tar(layout.files(named(index, tag="1")))


def manifest_changed() -> bytes:
    layout = Layout()
    image = layout.image()
    key = image["digest"].removeprefix("sha256:")
    layout.blobs[key] = layout.blobs[key].replace(b'"size":', b'"sizE":', 1)
    return tar(layout.files(image))


def manifest_of(document: Callable[[Layout], Json], media_type: str = OCI.manifest) -> bytes:
    layout = Layout()
    return tar(layout.files(layout.add(encoded(document(layout)), media_type)))


def both_kinds(layout: Layout) -> Json:
    image = layout.image()
    return {"schemaVersion": 2, "config": layout.add(b"{}", OCI.config), "layers": [], "manifests": [image]}


def wrong_order(layout: Layout) -> Json:
    return {
        "schemaVersion": 2,
        "config": layout.add(config(LAYERS[:2]), OCI.config),
        "layers": [layout.add(each, OCI.layers["none"]) for each in reversed(LAYERS[:2])],
    }


def too_few_layers(layout: Layout) -> Json:
    return {
        "schemaVersion": 2,
        "config": layout.add(config(LAYERS[:2]), OCI.config),
        "layers": [layout.add(compressed(LAYERS[0], "gzip"), OCI.layers["gzip"])],
    }


def deep() -> bytes:
    layout = Layout()
    descriptor = layout.image()
    for _ in range(20):
        descriptor = layout.index([descriptor])
    return tar(layout.files(descriptor))


def unfolding() -> bytes:
    # each index lists the one below many times: 6 small documents, a million images
    layout = Layout()
    descriptor = layout.image()
    for _ in range(5):
        descriptor = layout.index([descriptor] * 16)
    return tar(layout.files(descriptor))


def listed_as(**changes: Any) -> bytes:
    layout = Layout()
    return tar(layout.files(layout.image() | changes))


def empty_index() -> bytes:
    """A layout whose index has no children."""
    layout = Layout()
    return tar(layout.files(layout.index([])))
