"""What must be refused, and what the error must say: archives that are broken, and things that are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ci_publish.oci.media_types import OCI, OCI_INDEX
from tests.support import broken, docker_shapes, oci_shapes
from tests.support.archive_parts import (
    LAYERS,
    Files,
    HardLink,
    SymLink,
    compressed,
    digest,
    encoded,
    sha256,
    tar,
)
from tests.support.docker_shapes import entry
from tests.support.samples import write_directory


@dataclass(frozen=True)
class Malformed:
    """Something that must be refused.

    Args:
        content: the bytes of the file, the files of a directory, or `None` for nothing at all.
        message: what the error must say.
        hint: what its hint must say.
    """

    content: Callable[[], bytes | Files | None]
    message: str
    hint: str = ""

    def write(self, folder: Path) -> Path:
        """Write it into a folder that exists; its path."""
        path = folder / "image"
        match self.content():
            case bytes() as data:
                path.write_bytes(data)
            case dict() as files:
                write_directory(path, files)
        return path


MALFORMED: dict[str, Malformed] = {
    # not an image
    "missing": Malformed(lambda: None, "No such file", "check the path"),
    "empty": Malformed(lambda: b"", "is empty", "look at the output"),
    "text": Malformed(lambda: b"ghcr.io/o/app:1\n", "is a text file", "docker save"),
    "text-utf8": Malformed(lambda: "Größe ".encode() * 800, "is a text file"),
    "json": Malformed(lambda: b'{"schemaVersion":2}', "is a JSON document", "the archive or the directory"),
    "script": Malformed(lambda: b"#!/bin/sh\n", "is a script", "streamLayeredImage"),
    "lfs": Malformed(lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS", "git lfs pull"),
    "zip": Malformed(broken.zip_file, "is a zip file", "unzip"),
    "program": Malformed(lambda: b"\x7fELF" + broken.GARBAGE, "is a program"),
    "random": Malformed(lambda: b"\x99" + broken.GARBAGE, "is no image archive"),
    "zeros": Malformed(lambda: bytes(10240), "is empty"),
    "gzip-of-text": Malformed(lambda: compressed(b"hello\n", "gzip"), "is a text file"),
    "gzip-of-nothing": Malformed(lambda: compressed(b"", "gzip"), "is empty"),
    "gzip-magic-only": Malformed(lambda: b"\x1f\x8b", "gzip stream"),
    "export": Malformed(broken.export, "file system of a container", "docker save"),
    "layer": Malformed(lambda: LAYERS[0], "is a layer", "docker save"),
    "layer-gzip": Malformed(lambda: compressed(LAYERS[0], "gzip"), "is a layer"),
    "whiteout": Malformed(lambda: tar({"app/.wh.old": b""}), "is a layer"),
    "ordinary-tar": Malformed(lambda: tar({"src/main.py": b""}), "holds neither manifest.json nor oci-layout"),
    "folder-in-tar": Malformed(
        lambda: tar({f"out/{k}": v for k, v in oci_shapes.one_image().items()}),
        "a folder with an image",
        "tar -C FOLDER",
    ),
    "cache-index": Malformed(broken.cache_index, "holds no image", "BuildKit cache"),
    "cache-image": Malformed(broken.cache_image, "holds no image", "BuildKit cache"),
    "before-1.10": Malformed(lambda: tar({"repositories": b"{}"}), "before 1.10", "save it again"),
    "directory-empty": Malformed(dict, "is empty"),
    "directory-context": Malformed(lambda: {"Dockerfile": b"FROM scratch\n"}, "is a build context", "build it first"),
    "directory-of-archives": Malformed(lambda: {"image.tar": b""}, "collection of archives", "name one"),
    "directory-without-marker": Malformed(lambda: {"index.json": b"{}"}, "without its file oci-layout", "--cache-to"),
    "skopeo-dir": Malformed(
        lambda: {"manifest.json": b"{}", "version": b"1.1"}, "not a list of images", "skopeo's dir:"
    ),
    # broken as an archive
    "truncated-header": Malformed(lambda: broken.cut(tar(broken.docker()), 700), "is truncated"),
    "truncated-member": Malformed(lambda: broken.cut(tar(broken.docker()), 3000), "is truncated", "cut short"),
    "truncated-half": Malformed(lambda: broken.cut(tar(broken.docker()), 6000), "is truncated", "cut short"),
    "truncated-gzip": Malformed(lambda: broken.cut(compressed(tar(broken.docker()), "gzip"), -100), "is truncated"),
    "truncated-zstd": Malformed(lambda: broken.cut(compressed(tar(broken.docker()), "zstd"), -100), "is truncated"),
    "truncated-xz": Malformed(lambda: broken.cut(compressed(tar(broken.docker()), "xz"), -100), "is truncated"),
    "truncated-bzip2": Malformed(lambda: broken.cut(compressed(tar(broken.docker()), "bzip2"), -100), "is truncated"),
    "damaged-gzip": Malformed(lambda: compressed(tar(broken.docker()), "gzip")[:500] + broken.GARBAGE, "gzip stream"),
    "damaged-header": Malformed(broken.damaged_header, "truncated or damaged at byte"),
    "negative-size": Malformed(broken.negative_size, "impossible size"),
    "endless-header": Malformed(broken.endless_header, "is damaged"),
    "sparse": Malformed(broken.sparse, "sparse"),
    # broken as a Docker archive
    "manifest-twice": Malformed(lambda: broken.twice("manifest.json"), "manifest.json is there twice"),
    "config-twice": Malformed(lambda: broken.twice("c.json"), "c.json is there twice"),
    "manifest-not-json": Malformed(lambda: tar(broken.docker(manifest_json=b"[{")), "not valid JSON"),
    "manifest-not-utf8": Malformed(lambda: tar(broken.docker(manifest_json=b"[\xff]")), "not valid JSON"),
    "manifest-object": Malformed(lambda: broken.manifest({}), "not a list of images"),
    "manifest-empty": Malformed(lambda: broken.manifest([]), "lists no image", "docker save NAME"),
    "manifest-of-numbers": Malformed(lambda: broken.manifest([1]), "is not an object"),
    "manifest-deep": Malformed(lambda: tar(broken.docker(manifest_json=b"[" * 100_000)), "nested too deeply"),
    "manifest-huge": Malformed(lambda: tar(broken.docker(manifest_json=bytes(5 * 1024**2))), "the limit is"),
    "manifest-key-twice": Malformed(
        lambda: tar(broken.docker(manifest_json=b'[{"Config":"c.json","Config":"d.json","Layers":[]}]')), "stands twice"
    ),
    "manifest-many": Malformed(lambda: broken.manifest([entry("c.json", [], None)] * 1001), "the limit is 1000"),
    "no-config-name": Malformed(lambda: broken.manifest([{"Layers": []}]), "has no 'Config'"),
    "config-name-number": Malformed(lambda: broken.manifest([{"Config": 1}]), "is not a string"),
    "layers-not-strings": Malformed(
        lambda: broken.manifest([{"Config": "c.json", "Layers": [1]}]), "other than strings"
    ),
    "tags-not-a-list": Malformed(lambda: broken.manifest([{"Config": "c.json", "RepoTags": "app"}]), "is not a list"),
    "config-missing": Malformed(lambda: broken.without(broken.docker(), "c.json"), "c.json is missing"),
    "config-not-json": Malformed(lambda: tar(broken.docker(c_json=b"{")), "not valid JSON"),
    "config-huge": Malformed(lambda: tar(broken.docker(c_json=bytes(5 * 1024**2))), "the limit is"),
    "config-bad-digest": Malformed(
        lambda: tar(broken.docker(c_json=encoded({"rootfs": {"diff_ids": ["sha256:12", "x"]}}))),
        "is not a sha256 digest",
    ),
    "layer-missing": Malformed(lambda: broken.without(broken.docker(), "b.tar"), "layer 2, b.tar, is missing"),
    "layer-missing-docker-25": Malformed(
        lambda: broken.without(docker_shapes.docker_25(), f"blobs/sha256/{sha256(LAYERS[1])}"), "layer 2"
    ),
    "layers-fewer": Malformed(
        lambda: broken.manifest([entry("c.json", ["a.tar"], None)]),
        "has 1 layers where its config names 2",
        "BuildKit cache",
    ),
    "layers-swapped-docker-25": Malformed(
        lambda: tar(docker_shapes.docker_25(order=(1, 0))), "as layer 1 where its config names"
    ),
    "layer-gzip-wrong": Malformed(
        lambda: tar(broken.docker(b_tar=compressed(LAYERS[2], "gzip"))),
        f"layer 2, b.tar, has the diff_id {digest(LAYERS[2])}",
    ),
    "layer-gzip-truncated": Malformed(
        lambda: tar(broken.docker(b_tar=broken.cut(compressed(LAYERS[1], "gzip"), -10))), "layer 2, b.tar, is truncated"
    ),
    "layer-gzip-garbage": Malformed(
        lambda: tar(broken.docker(b_tar=b"\x1f\x8b" + broken.GARBAGE)), "gzip data is broken"
    ),
    "layer-zstd-garbage": Malformed(
        lambda: tar(broken.docker(b_tar=b"\x28\xb5\x2f\xfd" + broken.GARBAGE)), "zstd data is broken"
    ),
    "layer-zstd-truncated": Malformed(
        lambda: tar(broken.docker(b_tar=broken.cut(compressed(LAYERS[1], "zstd"), -10))),
        "layer 2, b.tar, has the diff_id",
    ),
    "layer-xz": Malformed(
        lambda: tar(broken.docker(b_tar=compressed(LAYERS[1], "xz"))), "compressed with xz", "gzip or zstd"
    ),
    "link-loop": Malformed(
        lambda: tar(broken.docker(a_tar=SymLink("b.tar"), b_tar=SymLink("./a.tar"))), "leads back to itself"
    ),
    "link-to-itself": Malformed(lambda: tar(broken.docker(a_tar=SymLink("a.tar"))), "leads back to itself"),
    "link-outside": Malformed(lambda: tar(broken.docker(a_tar=SymLink("../../etc/passwd"))), "outside"),
    "link-absolute": Malformed(lambda: tar(broken.docker(a_tar=SymLink("/etc/passwd"))), "outside"),
    "hard-link-outside": Malformed(lambda: tar(broken.docker(a_tar=HardLink("../x"))), "outside"),
    "link-dangling": Malformed(lambda: tar(broken.docker(a_tar=SymLink("z.tar"))), "a.tar, is missing"),
    "name-nul": Malformed(lambda: broken.manifest([entry("c\0.json", [], None)]), "which no system allows"),
    "name-nul-directory": Malformed(
        lambda: broken.docker(manifest_json=encoded([entry("c\0.json", [], None)])), "which no system allows"
    ),
    "name-endless": Malformed(lambda: broken.manifest([entry("c" * 10**6, [], None)]), "which no system allows"),
    "config-changed-docker-25": Malformed(
        lambda: broken.blob_changed(
            docker_shapes.docker_25(), broken.ONE_CONFIG, broken.ONE_CONFIG.replace(b"linux", b"lunix")
        ),
        "has other content than its name says",
    ),
    "name-absolute": Malformed(lambda: broken.manifest([entry("/etc/passwd", [], None)]), "outside"),
    "name-outside": Malformed(lambda: broken.manifest([entry("c.json", ["../../a", "b.tar"], None)]), "outside"),
    "directory-link-outside": Malformed(lambda: broken.docker(c_json=SymLink("/etc/hostname")), "is a link to"),
    "directory-link-loop": Malformed(lambda: broken.docker(c_json=SymLink("c.json")), "c.json cannot be read"),
    "foreign-malformed": Malformed(
        lambda: broken.manifest([entry("c.json", ["a.tar", "b.tar"], None, LayerSources={"x": {"size": -1}})]), "x"
    ),
    # broken as a layout
    "layout-version": Malformed(
        lambda: tar(oci_shapes.one_image() | {"oci-layout": b'{"imageLayoutVersion":"2.0.0"}'}), "version '2.0.0'"
    ),
    "layout-marker-empty": Malformed(lambda: tar(oci_shapes.one_image() | {"oci-layout": b""}), "not valid JSON"),
    "index-missing": Malformed(lambda: broken.without(oci_shapes.one_image(), "index.json"), "index.json is missing"),
    "index-not-json": Malformed(lambda: broken.layout(index_json=b"<html>"), "not valid JSON"),
    "index-empty": Malformed(lambda: broken.layout(index_json=encoded({"manifests": []})), "lists no image"),
    "index-null": Malformed(lambda: broken.layout(index_json=encoded({"manifests": None})), "manifests"),
    "index-is-a-manifest": Malformed(
        lambda: broken.layout(index_json=encoded({"config": {}, "layers": []})), "config of index.json has no"
    ),
    "index-of-strings": Malformed(
        lambda: broken.layout(index_json=encoded({"manifests": ["x"]})), "other than objects"
    ),
    "entry-bad-digest": Malformed(
        lambda: broken.listed_as(digest="sha256:../../../etc/passwd"), "is not a sha256 digest"
    ),
    "entry-unknown-algorithm": Malformed(lambda: broken.listed_as(digest="md5:00"), "'md5' is not known"),
    "index-without-children": Malformed(broken.empty_index, "lists no image"),
    "entry-wrong-size": Malformed(lambda: broken.listed_as(size=7), "bytes where 7 are announced"),
    "entry-negative-size": Malformed(lambda: broken.listed_as(size=-7), "impossible size"),
    "entry-wrong-type": Malformed(
        lambda: broken.listed_as(mediaType=OCI_INDEX), "where 'application/vnd.oci.image.index"
    ),
    "entry-without-type": Malformed(lambda: broken.listed_as(mediaType=None), "has no 'mediaType'"),
    "manifest-missing": Malformed(lambda: broken.listed_as(digest=digest(b"gone")), f"{digest(b'gone')}, is missing"),
    "manifest-changed": Malformed(broken.manifest_changed, "does not have the digest"),
    "manifest-of-both-kinds": Malformed(lambda: broken.manifest_of(broken.both_kinds), "an image and an index at once"),
    "config-changed": Malformed(
        lambda: broken.blob_changed(
            oci_shapes.one_image(), broken.ONE_CONFIG, broken.ONE_CONFIG.replace(b"linux", b"lunix")
        ),
        "does not have the digest",
    ),
    "config-blob-missing": Malformed(
        lambda: broken.blob_missing(oci_shapes.one_image(), broken.ONE_CONFIG), "the config of"
    ),
    "layer-blob-missing": Malformed(
        lambda: broken.blob_missing(oci_shapes.one_image(), broken.ONE_LAYER), "layer 1 of manifest"
    ),
    "layer-blob-short": Malformed(
        lambda: broken.blob_changed(oci_shapes.one_image(), broken.ONE_LAYER, broken.ONE_LAYER[:-1]), "bytes where"
    ),
    "layer-blob-missing-containerd": Malformed(
        lambda: broken.blob_missing(docker_shapes.buildx_docker(), broken.ONE_LAYER), "layer 1 of manifest"
    ),
    "layers-too-few": Malformed(
        lambda: broken.manifest_of(broken.too_few_layers), "has 1 layers where its config names 2"
    ),
    "layers-wrong-order": Malformed(
        lambda: broken.manifest_of(broken.wrong_order), "as layer 1 where its config names"
    ),
    "index-partial": Malformed(
        broken.partial_index, "1 are not in the archive: linux/arm64/v8 sha256:", "--select sha256:"
    ),
    "index-deep": Malformed(broken.deep, "levels deep"),
    "index-unfolding": Malformed(broken.unfolding, "more than 1000 manifests"),
    "index-child-of-unknown-type": Malformed(
        lambda: broken.manifest_of(lambda layout: {"manifests": [layout.add(b"x", "text/plain")]}, OCI_INDEX),
        "which cannot be published",
    ),
    "schema-1": Malformed(
        lambda: broken.manifest_of(
            lambda _: {"mediaType": "application/vnd.docker.distribution.manifest.v1+json"}, OCI.manifest
        ),
        "calls itself",
    ),
}
