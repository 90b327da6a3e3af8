"""The files of a tar archive, read in place."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Self

from ci_publish.errors import SourceError
from ci_publish.sources.files import File, inside
from ci_publish.sources.shared_file import SharedFile

# An image archive has a few files per layer; a file system export may have a million.
_MAX_MEMBERS = 100_000
# A name is at most 4 KiB long; without a limit, tarfile reads extended headers of any size into memory.
_MAX_EXTENDED_HEADER = 64 * 1024
TRUNCATED_HINT = "the step that wrote or copied it was cut short, or its disk was full: write it again"
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


@dataclass(frozen=True, slots=True)
class _Member:
    offset: int
    size: int
    # Where a link leads, by names from the root; `None` for a file.
    target: str | None
    is_sparse: bool


class TarFiles:
    """The table of contents of a tar archive.

    Args:
        file: the archive; closed with this object.
        members: its files and links by plain name; of several with one name the last, as tar unpacks them.
        names: all names in it, folders included.
        repeated: names that several files have.
    """

    def __init__(
        self, file: SharedFile, members: dict[str, _Member], *, names: Collection[str], repeated: Collection[str]
    ) -> None:
        self._file = file
        self._members = members
        self._names = names
        self._repeated = repeated

    @classmethod
    def of(cls, file: SharedFile) -> Self:
        """The table of contents, from one pass over the headers.

        Raises:
            tarfile.ReadError: this is no tar archive at all.
            SourceError: it is truncated or damaged, or has more than 100,000 members.
        """
        members: dict[str, _Member] = {}
        names: set[str] = set()
        repeated: set[str] = set()
        for info in _headers(file):
            name = posixpath.normpath(info.name)
            names.add(name)
            if not (info.isreg() or info.issym() or info.islnk()):
                continue
            if name in members:
                repeated.add(name)
            members[name] = _Member(info.offset_data, info.size, _target(info), info.sparse is not None)
        return cls(file, members, names=names, repeated=repeated)

    def names(self) -> Collection[str]:
        """The names of all members."""
        return self._names

    def find(self, name: str) -> File | None:
        """The file of this name, links followed; see `Files`."""
        at = inside(name)
        visited: set[str] = set()
        while member := self._members.get(at):
            if member.target is None:
                return self._opened(member, name)
            if at in visited:
                raise SourceError(f"{name} is a link that leads back to itself")
            visited.add(at)
            at = inside(member.target)
        return None

    def is_ambiguous(self, name: str) -> bool:
        """Whether several members have this name."""
        return inside(name) in self._repeated

    def close(self) -> None:
        """Close the archive."""
        self._file.close()

    def _opened(self, member: _Member, name: str) -> File:
        if member.is_sparse:
            raise SourceError(
                f"{name} is stored as a sparse file",
                hint="write the archive without --sparse, as every image tool does",
            )
        return File(member.size, partial(self._file.section, member.offset, member.size))


def _target(info: tarfile.TarInfo) -> str | None:
    if info.issym():
        # A symbolic link is relative to its folder, a hard link to the root of the archive.
        return posixpath.join(posixpath.dirname(info.name), info.linkname)
    return info.linkname if info.islnk() else None


class _Header(tarfile.TarInfo):
    """A header whose sizes are possible."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0:
            raise SourceError(f"is damaged: member {header.name[:200]!r} has a negative size")
        if header.type in _EXTENDED and header.size > _MAX_EXTENDED_HEADER:
            raise SourceError(f"is damaged: an extended header has {header.size} bytes")
        return header


def _headers(file: SharedFile) -> Iterator[tarfile.TarInfo]:
    with file.section(0, file.size) as stream:
        with _nonsense_refused():
            archive = tarfile.TarFile(fileobj=stream, tarinfo=_Header, encoding="utf-8")
        for _ in range(_MAX_MEMBERS):
            start = archive.offset
            header = _next(archive)
            if header is None:
                _check_end(file, archive.offset)
                return
            # tarfile steps back, and then on and on, where an extended header gives a negative size.
            if header.size < 0 or archive.offset < start:
                raise SourceError(f"is damaged: the member at byte {header.offset} has an impossible size")
            _check_complete(header, file.size)
            # tarfile would keep every header it has read.
            archive.members.clear()  # type: ignore[attr-defined]  # not in the stubs, though in every version
            yield header
    raise SourceError(
        f"has more than {_MAX_MEMBERS} members, which is no image archive",
        hint="publish an image archive, as `docker save -o image.tar NAME` writes it, not the files of an image",
    )


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        with _nonsense_refused():
            return archive.next()
    except tarfile.TarError as error:
        raise SourceError(f"is truncated or damaged: {error}", hint=TRUNCATED_HINT) from None


@contextmanager
def _nonsense_refused() -> Iterator[None]:
    try:
        yield
    except (ValueError, ArithmeticError, LookupError, RecursionError):
        # what tarfile lets through when a header is nonsense
        raise SourceError("is damaged: a member's header makes no sense", hint=TRUNCATED_HINT) from None


def _check_complete(header: tarfile.TarInfo, size: int) -> None:
    end = header.offset_data + header.size
    if header.isreg() and end > size:
        raise SourceError(
            f"is truncated: member {header.name[:200]!r} should end at byte {end}, the archive ends at {size}",
            hint=TRUNCATED_HINT,
        )


def _check_end(file: SharedFile, offset: int) -> None:
    # tarfile ends in silence where a header is damaged; a tar archive ends with zero blocks, or just ends.
    block = file.read_at(offset, tarfile.BLOCKSIZE)
    if block.strip(b"\0") or 0 < len(block) < tarfile.BLOCKSIZE:
        raise SourceError(f"is truncated or damaged at byte {offset}", hint=TRUNCATED_HINT)
