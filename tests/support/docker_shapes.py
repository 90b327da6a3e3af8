"""The files of Docker archives as their producers write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ci_publish.oci.media_types import DOCKER, OCI, Compression
from tests.support.archive_parts import (
    LAYERS,
    Files,
    HardLink,
    Json,
    Layout,
    SymLink,
    compressed,
    config,
    digest,
    encoded,
    named,
    sha256,
)


def entry(config_name: str, layers: Sequence[str], tags: Sequence[str] | None, **more: Any) -> Json:
    """One image of manifest.json."""
    return {"Config": config_name, "RepoTags": tags, "Layers": list(layers)} | more


def docker_files(
    layers: Sequence[bytes] = LAYERS,
    *,
    tags: Sequence[str] | None = ("example.org/app:1",),
    compression: Compression = "none",
    name: str = "{digest}.tar",
    config_name: str = "{digest}.json",
) -> Files:
    """The files of an archive with one image, under names made of these patterns."""
    stored = {name.format(digest=sha256(each)): compressed(each, compression) for each in layers}
    about = config(layers)
    config_name = config_name.format(digest=sha256(about))
    return {**stored, config_name: about, "manifest.json": encoded([entry(config_name, list(stored), tags)])}


def docker_legacy() -> Files:
    """`docker save` before Docker 25: a folder per layer, a repeated layer as a link to the first."""
    about = config([LAYERS[0], LAYERS[1], LAYERS[0]])
    folders = ["0a" * 32, "1b" * 32, "2c" * 32]
    files: Files = {}
    layers: list[bytes | SymLink] = [LAYERS[0], LAYERS[1], SymLink(f"../{folders[0]}/layer.tar")]
    for folder, content in zip(folders, layers, strict=True):
        files |= {
            f"{folder}/": b"",
            f"{folder}/VERSION": b"1.0",
            f"{folder}/json": b"{}",
            f"{folder}/layer.tar": content,
        }
    config_name = f"{sha256(about)}.json"
    return {
        **files,
        config_name: about,
        "manifest.json": encoded(
            [entry(config_name, [f"{folder}/layer.tar" for folder in folders], ["app:1", "app:latest"])]
        ),
        "repositories": encoded({"app": {"1": folders[2], "latest": folders[2]}}),
    }


def docker_25(*, tags: Sequence[str] = ("app:1",), order: Sequence[int] = (0, 1)) -> Files:
    """`docker save` since Docker 25 without a containerd store: a made-up OCI manifest over plain layers."""
    layout = Layout()
    image = layout.image(LAYERS[:2], compression="none")
    about = config(LAYERS[:2])
    names = [f"blobs/sha256/{sha256(LAYERS[n])}" for n in order]
    sources = {
        digest(each): {"mediaType": OCI.layers["none"], "digest": digest(each), "size": len(each)}
        for each in LAYERS[:2]
    }
    layout.add(encoded({"id": "0" * 64, "os": "linux"}), "legacy")
    return {
        **layout.files(
            *(named(image, tag=tag.partition(":")[2], reference=f"docker.io/library/{tag}") for tag in tags)
        ),
        "manifest.json": encoded([entry(f"blobs/sha256/{sha256(about)}", names, list(tags), LayerSources=sources)]),
        "repositories": b"{}",
    }


def docker_25_wrong_layout() -> Files:
    """The same from Docker 25.0.0, whose OCI manifest has the layers in the wrong order (moby#47161)."""
    layout = Layout()
    wrong = {
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": layout.add(config(LAYERS[:2]), OCI.config),
        "layers": [layout.add(each, OCI.layers["none"]) for each in reversed(LAYERS[:2])],
    }
    return docker_25() | layout.files(named(layout.add(encoded(wrong), OCI.manifest), tag="1"))


def buildx_docker() -> Files:
    """`buildx --output type=docker`, or `docker save` from a containerd store: the manifest that a registry gets."""
    layout = Layout()
    image = layout.image(LAYERS[:2], family=DOCKER)
    names = [f"blobs/sha256/{sha256(compressed(each, 'gzip'))}" for each in LAYERS[:2]]
    return {
        **layout.files(named(image, tag="1", reference="docker.io/library/app:1")),
        "manifest.json": encoded([entry(f"blobs/sha256/{sha256(config(LAYERS[:2]))}", names, ["app:1"])]),
    }


def buildx_docker_with_provenance() -> Files:
    """The same for an image with an attestation: an index, of which manifest.json tells nothing."""
    layout = Layout()
    image = layout.image(LAYERS[:2])
    index = layout.index([image, layout.attestation(image)])
    names = [f"blobs/sha256/{sha256(compressed(each, 'gzip'))}" for each in LAYERS[:2]]
    return {
        **layout.files(named(index, tag="1", reference="docker.io/library/app:1")),
        "manifest.json": encoded([entry(f"blobs/sha256/{sha256(config(LAYERS[:2]))}", names, ["app:1"])]),
    }


def podman() -> Files:
    """`podman save`: layers under their diff_ids, and the old folders with links to them."""
    files = docker_files(LAYERS[:2], tags=["localhost/app:1"])
    for number, each in enumerate(LAYERS[:2]):
        folder = f"{number}d" * 32
        files |= {
            f"{folder}/VERSION": b"1.0",
            f"{folder}/layer.tar": SymLink(f"../{sha256(each)}.tar"),
            f"{folder}/json": b"{}",
        }
    return files | {"repositories": b"{}"}


def hard_linked() -> Files:
    """A layer as a hard link, whose target is named from the root of the archive."""
    about = config([LAYERS[0], LAYERS[0]])
    return {
        "a/layer.tar": LAYERS[0],
        "b/layer.tar": HardLink("a/layer.tar"),
        "config.json": about,
        "manifest.json": encoded([entry("config.json", ["a/layer.tar", "b/layer.tar"], None)]),
    }


def mixed_layers() -> Files:
    """Layers in gzip, zstd and neither, under names that lie about it."""
    stored = {
        "one.tar.gz": LAYERS[0],
        "two.tar": compressed(LAYERS[1], "gzip"),
        "three.tar.gz": compressed(LAYERS[2], "zstd"),
    }
    about = config(LAYERS)
    return {"manifest.json": encoded([entry("c", list(stored), ["app:mixed"])]), "c": about, **stored}


def several_images() -> Files:
    """Two images that share a layer."""
    first, second = config(LAYERS[:2]), config(LAYERS[1:])
    return {
        **{f"{n}.tar": each for n, each in enumerate(LAYERS)},
        "first.json": first,
        "second.json": second,
        "manifest.json": encoded(
            [
                entry("first.json", ["0.tar", "1.tar"], ["example.org/app:1", "example.org/app:latest"]),
                entry("second.json", ["1.tar", "2.tar"], ["example.org/tool:2"]),
            ]
        ),
    }


def windows() -> Files:
    """A foreign layer, whose bytes the archive leaves to Microsoft."""
    about = config(LAYERS[:2], platform="windows/amd64")
    foreign = compressed(LAYERS[0], "gzip")
    source = {
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": digest(foreign),
        "size": len(foreign),
        "urls": ["https://mcr.microsoft.com/v2/windows/blobs/base"],
    }
    return {
        "top/layer.tar": LAYERS[1],
        "config.json": about,
        "manifest.json": encoded(
            [
                entry(
                    "config.json",
                    ["base/layer.tar", "top/layer.tar"],
                    ["win:1"],
                    LayerSources={digest(LAYERS[0]): source},
                )
            ]
        ),
    }
