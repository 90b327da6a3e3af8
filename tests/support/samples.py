"""Archives of every producer's shape, generated: the same name gives the same bytes."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ci_publish.oci.media_types import DOCKER
from tests.support import docker_shapes, oci_shapes
from tests.support.archive_parts import Files, HardLink, SymLink, compressed, tar


@dataclass(frozen=True)
class Sample:
    """One shape, and what reading it gives.

    Args:
        files: what is in it.
        kind: the source that reads it.
        names: of each image.
        platforms: of the runnable images below the first.
        composed: whether the first image's manifest is written by us.
        wrap: from the files to the archive's bytes; `None` for a directory.
    """

    files: Callable[[], Files]
    kind: str
    names: tuple[tuple[str, ...], ...]
    platforms: tuple[str, ...] = ("linux/amd64",)
    composed: bool = False
    wrap: Callable[[Files], bytes] | None = tar

    def write(self, folder: Path) -> Path:
        """Write the sample into a folder that exists; its path."""
        path = folder / "image"
        if self.wrap is None:
            write_directory(path, self.files())
        else:
            path.write_bytes(self.wrap(self.files()))
        return path


def write_directory(path: Path, files: Mapping[str, bytes | SymLink | HardLink]) -> None:
    """Write the files below a new folder."""
    path.mkdir()
    for name, content in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        elif isinstance(content, SymLink):
            target.symlink_to(content.target)


def _dotted(files: Files) -> bytes:
    return tar({"./": b""} | {f"./{name}": content for name, content in files.items()})


def _gnu(files: Files) -> bytes:
    # A name of more than 100 characters takes a header of its own, in a way of its own.
    long = "long/" * 40 + "name"
    return tar({long: b"", **files}, form=tarfile.GNU_FORMAT)


def _long_pax(files: Files) -> bytes:
    return tar({"lang/ümlaut/" * 20 + "name": b"", **files})


def _manifest_last(files: Files) -> bytes:
    return tar({name: files[name] for name in sorted(files, key=lambda name: name in ("manifest.json", "index.json"))})


def _manifest_first(files: Files) -> bytes:
    return tar(
        {name: files[name] for name in sorted(files, key=lambda name: name not in ("manifest.json", "index.json"))}
    )


def _in(compression: str) -> Callable[[Files], bytes]:
    return lambda files: compressed(tar(files), compression)


def _without_end(files: Files) -> bytes:
    # Some writers leave the two blocks of zeros out.
    data = tar(files).rstrip(b"\0")
    return data + bytes(-len(data) % 512)


_APP, _SAVED = (("example.org/app:1",),), (("app:1", "app:latest"),)
_ARM = ("linux/amd64", "linux/arm64/v8")

SAMPLES: dict[str, Sample] = {
    "docker-legacy": Sample(docker_shapes.docker_legacy, "docker-archive", _SAVED, composed=True),
    "docker-dotted": Sample(docker_shapes.docker_legacy, "docker-archive", _SAVED, composed=True, wrap=_dotted),
    "docker-gnu-long-names": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_gnu),
    "docker-pax-long-names": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_long_pax),
    "docker-manifest-last": Sample(
        docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_manifest_last
    ),
    "docker-manifest-first": Sample(
        docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_manifest_first
    ),
    "docker-without-end": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_without_end),
    "docker-directory": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=None),
    "docker-untagged": Sample(lambda: docker_shapes.docker_files(tags=None), "docker-archive", ((),), composed=True),
    "docker-25": Sample(docker_shapes.docker_25, "docker-archive", (("app:1",),), composed=True),
    "docker-25.0.0": Sample(docker_shapes.docker_25_wrong_layout, "docker-archive", (("app:1",),), composed=True),
    "docker-save-containerd": Sample(docker_shapes.buildx_docker, "oci-layout", (("docker.io/library/app:1",),)),
    "docker-save-provenance": Sample(
        docker_shapes.buildx_docker_with_provenance, "oci-layout", (("docker.io/library/app:1",),)
    ),
    "podman": Sample(docker_shapes.podman, "docker-archive", (("localhost/app:1",),), composed=True),
    "kaniko": Sample(
        lambda: docker_shapes.docker_files(
            compression="gzip", name="sha256:{digest}.tar.gz", config_name="sha256:{digest}"
        ),
        "docker-archive",
        _APP,
        composed=True,
    ),
    "jib": Sample(
        lambda: docker_shapes.docker_files(compression="gzip", name="{digest}.tar.gz", config_name="config.json"),
        "docker-archive",
        _APP,
        composed=True,
    ),
    "bazel": Sample(
        lambda: docker_shapes.docker_files(
            compression="zstd", name="blobs/sha256/{digest}.tar.gz", config_name="blobs/sha256/{digest}"
        ),
        "docker-archive",
        _APP,
        composed=True,
    ),
    "nix": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_in("gzip")),
    "docker-zstd": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_in("zstd")),
    "docker-xz": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_in("xz")),
    "docker-bzip2": Sample(docker_shapes.docker_files, "docker-archive", _APP, composed=True, wrap=_in("bzip2")),
    "docker-hard-linked": Sample(docker_shapes.hard_linked, "docker-archive", ((),), composed=True),
    "docker-mixed-layers": Sample(docker_shapes.mixed_layers, "docker-archive", (("app:mixed",),), composed=True),
    "docker-no-layers": Sample(lambda: docker_shapes.docker_files(()), "docker-archive", _APP, composed=True),
    "docker-several": Sample(
        docker_shapes.several_images,
        "docker-archive",
        (("example.org/app:1", "example.org/app:latest"), ("example.org/tool:2",)),
        composed=True,
    ),
    "docker-windows": Sample(
        docker_shapes.windows, "docker-archive", (("win:1",),), platforms=("windows/amd64",), composed=True
    ),
    "oci-one": Sample(oci_shapes.one_image, "oci-layout", (("1",),)),
    "oci-directory": Sample(oci_shapes.one_image, "oci-layout", (("1",),), wrap=None),
    "oci-gzip": Sample(oci_shapes.one_image, "oci-layout", (("1",),), wrap=_in("gzip")),
    "oci-dotted": Sample(oci_shapes.nested_index, "oci-layout", _APP, platforms=_ARM, wrap=_dotted),
    "oci-plain-layers": Sample(lambda: oci_shapes.one_image(compression="none"), "oci-layout", (("1",),)),
    "oci-zstd-layers": Sample(lambda: oci_shapes.one_image(compression="zstd"), "oci-layout", (("1",),)),
    "oci-docker-types": Sample(lambda: oci_shapes.one_image(family=DOCKER), "oci-layout", (("1",),)),
    "oci-umoci": Sample(oci_shapes.umoci, "oci-layout", (("latest",),)),
    "oci-index": Sample(oci_shapes.nested_index, "oci-layout", _APP, platforms=_ARM),
    "oci-index-directory": Sample(oci_shapes.nested_index, "oci-layout", _APP, platforms=_ARM, wrap=None),
    "oci-index-of-indexes": Sample(
        oci_shapes.index_of_indexes, "oci-layout", (("1",),), platforms=("linux/amd64", "linux/arm/v7")
    ),
    "oci-docker-list": Sample(
        oci_shapes.docker_list, "oci-layout", (("1",),), platforms=("linux/amd64", "linux/s390x")
    ),
    "oci-flat": Sample(
        oci_shapes.flat_platforms, "oci-layout", ((),), platforms=("linux/amd64", "linux/arm64"), composed=True
    ),
    "oci-flat-unsaid": Sample(
        oci_shapes.flat_unsaid_platforms,
        "oci-layout",
        (("1",),),
        platforms=("linux/amd64", "linux/arm/v6", "linux/arm/v7"),
        composed=True,
    ),
    "oci-several-names": Sample(
        oci_shapes.several_names,
        "oci-layout",
        (("example.org/app:1", "example.org/app:1.2", "example.org/app:latest"),),
    ),
    "oci-full-ref-name": Sample(oci_shapes.full_ref_name, "oci-layout", (("example.org/app:1.2",),)),
    "oci-unnamed": Sample(oci_shapes.unnamed, "oci-layout", ((),)),
    "oci-two-names": Sample(oci_shapes.two_names, "oci-layout", (("a",), ("b",))),
    "oci-unknown-entry": Sample(oci_shapes.with_unknown_entry, "oci-layout", (("1",),)),
    "oci-artifact": Sample(oci_shapes.artifact, "oci-layout", (("sbom",),), platforms=("None",)),
    "oci-foreign": Sample(oci_shapes.foreign_in_layout, "oci-layout", (("1",),), platforms=("windows/amd64",)),
}
