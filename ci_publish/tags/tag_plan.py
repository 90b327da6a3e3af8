"""Where an image goes: the names, tags, labels and annotations that the rules gave, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ci_publish.oci import Repository


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag to publish.

    Args:
        name: valid by the distribution spec.
        rule: the rule that gave it, as written.
        moving: whether later publications are expected to move it, as `latest`, `1.2` or a branch's name.
    """

    name: str
    rule: str
    moving: bool


@dataclass(frozen=True, slots=True)
class Skip:
    """A rule that gave no tag.

    Args:
        rule: as written.
        reason: why, in lower case.
    """

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class TagPlan:
    """What to publish where.

    Args:
        images: the repositories; none when only names of tags are wanted.
        version: the most important tag; empty when there is none.
        tags: most important first, each name once.
        skips: the rules that gave none.
        labels: for the image's config.
        annotations: for each of `annotation_levels`.
        annotation_levels: as buildx names them: `manifest`, `index` and such.
        notices: what a person should know about how the rules were read.
    """

    images: tuple[Repository, ...]
    version: str
    tags: tuple[Tag, ...]
    skips: tuple[Skip, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    annotation_levels: tuple[str, ...] = ("manifest",)
    notices: tuple[str, ...] = ()

    def references(self) -> tuple[str, ...]:
        """Every `image:tag`, image by image, with the images as their author spelled them; bare tags without images."""
        names = [tag.name for tag in self.tags]
        if not self.images:
            return tuple(names)
        return tuple(f"{image.spelling}:{name}" for image in self.images for name in names)
