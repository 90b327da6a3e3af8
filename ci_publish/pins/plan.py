"""What pinning will change: computed for all files before any is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ci_publish.errors import CiPublishError, PinError
from ci_publish.oci import Digest, Reference
from ci_publish.pins.formats import find_sites
from ci_publish.pins.formats.site import Site, locator, position
from ci_publish.record import Record

# Far more than people write or a cluster takes; a larger file is no manifest.
MAX_FILE_SIZE: Final = 32 * 1024 * 1024
NOT_RECORDED: Final = "the image is not in the record"
_VARIABLE = re.compile(r"\{\{|\{%|\$")


@dataclass(frozen=True, slots=True)
class Place:
    """A reference in a file; line and column count from 1."""

    path: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """The replacement of one reference.

    Args:
        place: where, for people.
        start: index of the first character to replace.
        end: index after the last one.
        old: the reference as it is written.
        new: the same name and tag with another digest, or none.
    """

    place: Place
    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Skip:
    """A reference that stays as it is, and why."""

    place: Place
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file's text and the edits to make in it, in the order of the text, none overlapping."""

    path: Path
    before: str
    edits: tuple[Edit, ...]

    @property
    def after(self) -> str:
        """The text with the edits made; every other character is the same."""
        parts, end = list[str](), 0
        for edit in self.edits:
            parts += (self.before[end : edit.start], edit.new)
            end = edit.end
        return "".join((*parts, self.before[end:]))


@dataclass(frozen=True, slots=True)
class PinPlan:
    """The files that will change, and the references that will not."""

    changes: tuple[FileChange, ...]
    skips: tuple[Skip, ...]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits, by file and place."""
        return tuple(edit for change in self.changes for edit in change.edits)


@dataclass(frozen=True, slots=True)
class _Stay:
    """The decision to leave a reference as it is."""

    reason: str


_Decide = Callable[[Reference, Record], Digest | _Stay | None]


def plan_pins(files: Iterable[Path], record: Record) -> PinPlan:
    """The edits that give every recorded image the digest of the record.

    The name and the tag stay as they are written; a tag that the record does not list with the publication is
    not touched, for the reference would then mean another version.

    Raises:
        PinError: a file cannot be read or understood.
    """
    return _plan(files, record, _recorded_digest)


def plan_unpins(files: Iterable[Path], record: Record) -> PinPlan:
    """The edits that take the digest away from every recorded image; errors as in `plan_pins`."""
    return _plan(files, record, _no_digest)


def _recorded_digest(reference: Reference, record: Record) -> Digest | _Stay:
    published = record.images.get(str(reference.repository))
    if published is None:
        return _Stay(NOT_RECORDED)
    if reference.tag and reference.tag not in {tag.name for tag in published.tags}:
        return _Stay(f"the record has {published.digest.short} without the tag {reference.tag}")
    return published.digest


def _no_digest(reference: Reference, record: Record) -> _Stay | None:
    return None if str(reference.repository) in record.images else _Stay(NOT_RECORDED)


def _plan(files: Iterable[Path], record: Record, decide: _Decide) -> PinPlan:
    changes, skips = list[FileChange](), list[Skip]()
    for path in files:
        text = read_text(path)
        locate = locator(text)
        sites = ((Place(path, *locate(site.start)), site) for site in find_sites(path, text))
        outcomes = [_outcome(place, site, record, decide) for place, site in sites]
        skips += (outcome for outcome in outcomes if isinstance(outcome, Skip))
        edits = tuple(outcome for outcome in outcomes if isinstance(outcome, Edit) and outcome.new != outcome.old)
        if edits:
            changes.append(FileChange(path, text, edits))
    return PinPlan(tuple(changes), tuple(skips))


def _outcome(place: Place, site: Site, record: Record, decide: _Decide) -> Edit | Skip:
    if site.obstacle:
        return Skip(place, site.text, site.obstacle)
    if _VARIABLE.search(site.text):
        return Skip(place, site.text, "it is a template, or holds a variable")
    try:
        digest = decide(Reference.parse(site.text), record)
    except CiPublishError as error:
        return Skip(place, site.text, error.message)
    if isinstance(digest, _Stay):
        return Skip(place, site.text, digest.reason)
    tagged = site.text.partition("@")[0]
    return Edit(place, site.start, site.end, site.text, f"{tagged}@{digest}" if digest else tagged)


def read_text(path: Path) -> str:
    """A file's text, with the line ends and the byte order mark it has.

    Raises:
        PinError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise PinError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_FILE_SIZE:
        raise PinError(f"{path} has more than {MAX_FILE_SIZE} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = position(before, len(before))
        raise PinError(f"{path}:{line}:{column}: not UTF-8 text", hint="save the file as UTF-8") from None
