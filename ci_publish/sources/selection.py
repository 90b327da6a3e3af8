"""The choice of one image among those of an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ci_publish.errors import MalformedError, UsageError
from ci_publish.oci import Digest, Image, Reference
from ci_publish.oci.reference import is_tag
from ci_publish.sources.named_image import NamedImage

# How many images an error lists before it says how many more there are.
_MAX_LISTED = 20


def choose(images: Sequence[NamedImage], select: str | None) -> Image:
    """The image that `select` stands for, or the only one.

    Args:
        images: what there is to choose from, at least one.
        select: `@N`, counted from 0 as skopeo counts; a digest, of a manifest at any depth or of a config (which is
            what `docker images` calls the ID); or a name, compared as it is written, then as Docker would complete
            it, then by its tag alone. `None` for no choice.

    Raises:
        UsageError: nothing fits, or several images do.
    """
    if select is None:
        candidates = [item.image for item in images]
    elif select.startswith("@"):
        candidates = _at(images, select)
    elif digest := selected_digest(select):
        candidates = list(_with_digest(images, digest))
    else:
        candidates = _named(images, select)
    distinct = {image.descriptor.digest: image for image in candidates}
    if len(distinct) == 1:
        return candidates[0]
    found = f"{len(distinct)} images" if distinct else "no image"
    what = f"holds {found}" if select is None else f"holds {found} that {select[:200]!r} selects"
    raise UsageError(f"the archive {what}", hint=_list(images))


def selected_digest(select: str | None) -> Digest | None:
    """The digest that was asked for, alone or as `NAME@DIGEST`; `None` when the choice is another or none."""
    try:
        return Digest.parse(select.rpartition("@")[2]) if select else None
    except MalformedError:
        # Then it is a name: `app:1` has the form of a digest too.
        return None


def _at(images: Sequence[NamedImage], select: str) -> list[Image]:
    number = select.removeprefix("@")
    if not (number.isascii() and number.isdigit()):
        raise UsageError(f"{select[:200]!r} is not a number of an image", hint=_list(images))
    # Longer numbers are out of range too, and Python refuses to read the longest.
    return [item.image for item in images[int(number[:9]) :][:1]]


def _with_digest(images: Sequence[NamedImage], digest: Digest) -> Iterator[Image]:
    for item in images:
        for image in item.image.walk():
            config = image.config.descriptor.digest if image.blobs else None
            if digest in (image.descriptor.digest, config):
                yield image


def _named(images: Sequence[NamedImage], select: str) -> list[Image]:
    for same in (str.__eq__, _same_completed, _same_tag):
        found = [item.image for item in images if any(same(select, name) for name in item.names)]
        if found:
            return found
    return []


def _same_completed(one: str, other: str) -> bool:
    try:
        first, second = Reference.parse(one), Reference.parse(other)
    except UsageError:
        # A layout may name an image by any text.
        return False
    return (first.repository, first.tag or "latest") == (second.repository, second.tag or "latest")


def _same_tag(one: str, other: str) -> bool:
    """Whether one is a tag alone, and the other's tag."""
    return (is_tag(one) and other.endswith(f":{one}")) or (is_tag(other) and one.endswith(f":{other}"))


def _list(images: Sequence[NamedImage]) -> str:
    lines = [f"@{n} {item.image.descriptor.digest} {' '.join(item.names)}".rstrip() for n, item in enumerate(images)]
    if len(lines) > _MAX_LISTED:
        lines[_MAX_LISTED:] = [f"and {len(lines) - _MAX_LISTED} more"]
    return "\n".join(["choose one with --select and its name, its digest or @N:", *lines])
