"""Archives, layouts and directories → images, told apart by what is in them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ci_publish.errors import SourceError
from ci_publish.oci import Digest
from ci_publish.sources import docker_archive, hybrid, oci_layout
from ci_publish.sources.archive import Archive
from ci_publish.sources.directory_files import DirectoryFiles
from ci_publish.sources.files import Files
from ci_publish.sources.named_image import NamedImage
from ci_publish.sources.selection import selected_digest
from ci_publish.sources.spool import open_in_place
from ci_publish.sources.tar_files import TarFiles
from ci_publish.sources.unrecognized import not_a_tar, not_an_image

__all__ = ["SOURCES", "Archive", "NamedImage", "Source", "open_source"]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of source.

    Args:
        kind: its name in messages.
        matches: whether some files are of this kind.
        read: the images in them; the digest, if any, is the only manifest that is wanted.
    """

    kind: str
    matches: Callable[[Files], bool]
    read: Callable[[Files, Digest | None], tuple[NamedImage, ...]]


# Every kind; the first that matches reads the files.
SOURCES: tuple[Source, ...] = (
    Source("oci-layout", hybrid.matches_oci_layout, oci_layout.read),
    Source("docker-archive", docker_archive.matches, docker_archive.read),
)


def open_source(path: Path | Literal["-"], *, select: str | None = None) -> Archive:
    """The images in an archive or a directory; use it in a `with`, and their blobs inside.

    Nothing is unpacked: blobs are read where they are. Only an archive that is compressed as a whole, or comes
    through a pipe, is written to a temporary file first.

    Args:
        path: a tar archive, plain or in gzip, zstd, xz or bzip2, or a directory; `-` is standard input.
        select: which image, when there are several: a name, a digest, or `@N`, counted from 0.

    Raises:
        SourceError: it cannot be read, is damaged or incomplete, or is no image.
    """
    with ExitStack() as opened, _named_in_errors(path):
        files = _open(path)
        opened.callback(files.close)
        source = next((source for source in SOURCES if source.matches(files)), None)
        if source is None:
            raise not_an_image(files.names())
        images = source.read(files, selected_digest(select))
        return Archive(source.kind, images, select, opened.pop_all().close)


_OPEN_HINT = "check the path and the step that writes it; `docker save -o image.tar NAME` writes an image archive"


def _open(path: Path | Literal["-"]) -> Files:
    if path != "-" and path.is_dir():
        return DirectoryFiles(path)
    file = open_in_place(path)
    with ExitStack() as opened:
        opened.callback(file.close)
        try:
            files = TarFiles.of(file)
        except tarfile.ReadError:
            raise not_a_tar(file.read_at(0, 4096)) from None
        opened.pop_all()
    return files


@contextmanager
def _named_in_errors(path: Path | Literal["-"]) -> Iterator[None]:
    name = "standard input" if path == "-" else path
    try:
        yield
    except SourceError as error:
        raise type(error)(f"{name}: {error.message}", hint=error.hint) from None
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror or error}", hint=_OPEN_HINT) from None
