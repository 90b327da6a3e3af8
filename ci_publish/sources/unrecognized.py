"""What something is that is no image archive, and what to do about it."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Callable, Collection

from ci_publish.errors import SourceError

_DOCUMENT = "name the archive or the directory that it belongs to, not a file in it"
_SAVE = "write one with `docker save -o image.tar NAME` or `docker buildx build --output type=oci,dest=image.tar .`"
_LOOK = "look at the output of the step that should have written it"

# The first bytes of a file that is no tar archive → what it is → what to do.
STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip file", "unzip it first; artifacts downloaded by hand are zip files"),
    (b"PK\x05\x06", "an empty zip file", _LOOK),
    (b"version https://git-lfs", "a pointer of Git LFS", "check out with `lfs: true`, or run `git lfs pull`"),
    (b"#!", "a script", "if it prints an image, as nix's streamLayeredImage does: ./script | ci-publish push - …"),
    (b"\x7fELF", "a program", _SAVE),
    (b"{", "a JSON document", _DOCUMENT),
    (b"[", "a JSON document", _DOCUMENT),
)

# Folders of which a root file system has several.
_ROOT = frozenset(
    {"bin", "boot", "dev", "etc", "home", "lib", "opt", "proc", "root", "run", "sbin", "sys", "usr", "var"}
)


def _is_empty(names: Collection[str]) -> bool:
    return not set(names) - {"."}


def _is_in_folder(names: Collection[str]) -> bool:
    return any(name.count("/") == 1 and name.endswith(("/oci-layout", "/manifest.json")) for name in names)


def _lacks_marker(names: Collection[str]) -> bool:
    return "index.json" in names


def _is_old(names: Collection[str]) -> bool:
    return "repositories" in names


def _is_export(names: Collection[str]) -> bool:
    return ".dockerenv" in names or len(_ROOT & {name.partition("/")[0] for name in names}) >= 4


def _is_layer(names: Collection[str]) -> bool:
    return any(name.rpartition("/")[2].startswith(".wh.") or name.partition("/")[0] in _ROOT for name in names)


def _is_build_context(names: Collection[str]) -> bool:
    return "Dockerfile" in names


def _has_archives(names: Collection[str]) -> bool:
    return any(name.endswith((".tar", ".tar.gz", ".tgz", ".tar.zst")) for name in names)


# What the names of a tar archive or a directory tell, first that fits → what it is → what to do.
SHAPES: tuple[tuple[Callable[[Collection[str]], bool], str, str], ...] = (
    (_is_empty, "empty", _LOOK),
    (
        _is_in_folder,
        "an archive of a folder with an image in it",
        "pack what is in the folder: tar -C FOLDER -cf image.tar .",
    ),
    (
        _lacks_marker,
        "an OCI layout without its file oci-layout",
        "a BuildKit cache (--cache-to) looks like this; export the image, with --output type=oci,dest=image.tar",
    ),
    (_is_old, "an archive of Docker before 1.10", "load it into a newer Docker and save it again"),
    (_is_export, "the file system of a container", "`docker export` and --output type=tar write these; " + _SAVE),
    (_is_layer, "a layer or a part of a file system", "an image needs a config and a manifest too; " + _SAVE),
    (_is_build_context, "a build context", "build it first; " + _SAVE),
    (_has_archives, "a collection of archives", "name one of the archives in it"),
)


def not_a_tar(head: bytes) -> SourceError:
    """The error for a file that starts with these bytes and is no tar archive."""
    if not head:
        return SourceError("is empty", hint=_LOOK)
    for start, what, hint in STARTS:
        if head.startswith(start):
            return SourceError(f"is {what}, not an image archive", hint=hint)
    if _is_text(head):
        return SourceError("is a text file, not an image archive", hint=_SAVE)
    return SourceError("is no image archive, or its start is damaged", hint=_SAVE)


def not_an_image(names: Collection[str]) -> SourceError:
    """The error for an archive or a directory that has files of these names and is no image."""
    for fits, what, hint in SHAPES:
        if fits(names):
            return SourceError(f"is {what}, not an image archive", hint=hint)
    return SourceError("holds neither manifest.json nor oci-layout, so it is not an image archive", hint=_SAVE)


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        # incremental, because the last character may be cut in two
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
