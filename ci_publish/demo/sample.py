"""The sample image: a small root file system in three layers, as `docker save` writes it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Every time in the image, so that the same files give the same image.
_EPOCH = 1_700_000_000
_CREATED = "2023-11-14T22:13:20Z"
# Parts of the standard library that an application does without.
_LEFT_OUT = frozenset(
    {"__pycache__", "site-packages", "test", "tests", "idlelib", "ensurepip", "lib2to3", "turtledemo"}
)

_ETC = {
    "passwd": "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "hosts: files dns\n",
    "os-release": 'NAME="ci-publish demo"\nID=ci-publish-demo\nVERSION_ID=1\n',
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One member of a layer: a file of the machine, some bytes, or neither for a directory or link."""

    name: str
    content: bytes | Path | None = None
    mode: int = 0o644
    kind: bytes = tarfile.REGTYPE
    target: str = ""


def write_sample(path: Path, reference: str) -> None:
    """Write the sample image as a docker-save tarball: real files of this Python and of ci-publish itself.

    The same machine and the same sources give the same bytes.

    Args:
        path: the archive to write.
        reference: the name that `docker save` would record.
    """
    with tempfile.TemporaryDirectory() as scratch:
        layers = [Path(scratch, f"{i}.tar") for i in range(3)]
        for layer, entries in zip(layers, (_system(), _python(), _application()), strict=True):
            _write_layer(layer, entries)
        temporary = path.with_suffix(".tmp")
        _write_archive(temporary, layers, reference)
        temporary.replace(path)


def _system() -> Iterator[_Entry]:
    for name in ("dev", "etc", "home", "proc", "root", "run", "sys", "usr", "usr/bin", "usr/lib", "var"):
        yield _directory(name)
    yield _Entry("tmp", mode=0o1777, kind=tarfile.DIRTYPE)
    yield _Entry("bin", kind=tarfile.SYMTYPE, target="usr/bin", mode=0o777)
    yield _Entry("lib", kind=tarfile.SYMTYPE, target="usr/lib", mode=0o777)
    for name, text in _ETC.items():
        yield _Entry(f"etc/{name}", text.encode())


def _python() -> Iterator[_Entry]:
    top = f"usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    yield from _tree(Path(sysconfig.get_path("stdlib")), top)


def _application() -> Iterator[_Entry]:
    yield from _tree(Path(__file__).parent.parent, "app/ci_publish")
    yield _Entry("usr/bin/ci-publish", b'#!/bin/sh\nexec python3 -m ci_publish "$@"\n', mode=0o755)
    yield _Entry("usr/bin/publish", kind=tarfile.LNKTYPE, target="usr/bin/ci-publish", mode=0o755)
    # takes a file of the first layer away again (image-spec layer.md, "Whiteouts")
    yield _Entry("etc/.wh.hosts", b"")


def _tree(root: Path, name: str) -> Iterator[_Entry]:
    """All Python files below a folder, in an order that does not depend on the file system."""
    yield _directory(name)
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        below = Path(folder).relative_to(root)
        for child in folders:
            yield _directory((name / below / child).as_posix())
        for file in sorted(files):
            source = Path(folder, file)
            if source.suffix in {".py", ".json"} and source.is_file():
                yield _Entry((name / below / file).as_posix(), source)


def _directory(name: str) -> _Entry:
    return _Entry(name, mode=0o755, kind=tarfile.DIRTYPE)


def _write_layer(path: Path, entries: Iterator[_Entry]) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            content = entry.content.read_bytes() if isinstance(entry.content, Path) else entry.content
            member = _member(entry.name, len(content or b""), mode=entry.mode)
            member.type, member.linkname = entry.kind, entry.target
            tar.addfile(member, io.BytesIO(content) if content else None)


def _write_archive(path: Path, layers: list[Path], reference: str) -> None:
    digests = [_digest(layer) for layer in layers]
    config = json.dumps(_config(digests)).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [
        {"Config": config_name, "RepoTags": [reference], "Layers": [f"{digest}/layer.tar" for digest in digests]}
    ]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for layer, digest in zip(layers, digests, strict=True):
            tar.addfile(_member(f"{digest}/VERSION", 3), io.BytesIO(b"1.0"))
            with layer.open("rb") as content:
                tar.addfile(_member(f"{digest}/layer.tar", layer.stat().st_size), content)
        tar.addfile(_member(config_name, len(config)), io.BytesIO(config))
        listing = json.dumps(manifest).encode()
        tar.addfile(_member("manifest.json", len(listing)), io.BytesIO(listing))


def _config(digests: list[str]) -> dict[str, object]:
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": _CREATED,
        "config": {
            "Env": ["PATH=/usr/bin", "PYTHONPATH=/app"],
            "Entrypoint": ["/usr/bin/ci-publish"],
            "Labels": {"org.opencontainers.image.title": "ci-publish demo"},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": [{"created": _CREATED, "created_by": f"demo layer {i}"} for i in range(len(digests))],
    }


def _member(name: str, size: int, *, mode: int = 0o644) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, mode, _EPOCH
    return member


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
