"""The making of a tag plan: the one place where what the rules give for an event is put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.oci import Repository
from ci_publish.oci.reference import TAG_HINT, is_tag
from ci_publish.tags.entry import Entry, parse_entries
from ci_publish.tags.flavor import Flavor, parse_flavor
from ci_publish.tags.images import image_names, parse_images
from ci_publish.tags.labels import oci_labels, with_custom
from ci_publish.tags.names import names_full_version, tag_name
from ci_publish.tags.rules import Missed
from ci_publish.tags.scope import event_scope
from ci_publish.tags.tag_plan import Skip, Tag, TagPlan
from ci_publish.tags.template import Scope, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class TagInputs:
    """The inputs of docker/metadata-action as their author wrote them, line breaks and all."""

    images: str = ""
    tags: str = ""
    flavor: str = ""
    labels: str = ""
    annotations: str = ""
    annotation_levels: tuple[str, ...] = ("manifest",)

    def mentions(self, name: str) -> bool:
        """Whether any template can use this name."""
        return any(name in text for text in (self.tags, self.flavor, self.labels, self.annotations))


@dataclass(frozen=True, slots=True)
class _Draft:
    """A tag before it meets the others."""

    tag: Tag
    is_release: bool
    notice: str = ""


def make_plan(inputs: TagInputs, event: RefEvent) -> TagPlan:
    """The plan that these inputs give for this event.

    Raises:
        UsageError: an input is malformed, or gives a name that no registry takes.
    """
    entries, flavor, scope = parse_entries(inputs.tags), parse_flavor(inputs.flavor), event_scope(event)
    names = image_names(inputs.images)
    outcomes = [_outcome(entry, flavor, scope, event) for entry in entries]
    drafts = [outcome for outcome in outcomes if isinstance(outcome, _Draft)]
    tags, repeated = _distinct([*(draft.tag for draft in drafts), *_latest(drafts, flavor)])
    version = tags[0].name if tags else ""
    standard = oci_labels(event, version)
    return TagPlan(
        images=parse_images(names),
        version=version,
        tags=tags,
        skips=(*(outcome for outcome in outcomes if isinstance(outcome, Skip)), *repeated),
        labels=with_custom(standard, inputs.labels, scope),
        annotations=with_custom(standard, inputs.annotations, scope),
        annotation_levels=inputs.annotation_levels,
        notices=tuple(_notices(inputs, event, names, entries, drafts)),
    )


def explicit_plan(images: Sequence[Repository], tags: Sequence[str], event: RefEvent) -> TagPlan:
    """The plan for tags that are given by name, without rules.

    Args:
        images: where to.
        tags: names of tags; the first one is the version.
        event: what labels and annotations tell about.

    Raises:
        UsageError: a tag breaks the grammar of the distribution spec.
    """
    invalid = next((tag for tag in tags if not is_tag(tag)), None)
    if invalid is not None:
        raise UsageError(f"{invalid[:140]!r} is not a tag", hint=TAG_HINT)
    named = tuple(Tag(tag, "given by name", not names_full_version(tag)) for tag in dict.fromkeys(tags))
    labels = with_custom(oci_labels(event, named[0].name if named else ""), "", {})
    return TagPlan(
        images=tuple(images),
        version=named[0].name if named else "",
        tags=named,
        labels=labels,
        annotations=labels,
    )


def _outcome(entry: Entry, flavor: Flavor, scope: Scope, event: RefEvent) -> _Draft | Skip:
    try:
        found = entry.rule.find(event) if _is_enabled(entry, scope) else Missed("it is not enabled")
        if isinstance(found, Missed):
            return Skip(entry.text, found.reason)
        prefix = _first_given(entry.prefix, found.prefix, flavor.prefix)
        suffix = _first_given(entry.suffix, flavor.suffix)
        text = Template.parse(prefix).render(scope) + found.value + Template.parse(suffix).render(scope)
    except UsageError as error:
        raise UsageError(f"rule {entry.text!r}: {error.message}", hint=error.hint) from None
    if not text:
        return Skip(entry.text, "its text is empty for this event")
    return _Draft(Tag(tag_name(text, entry.text), entry.text, found.moving), found.is_release, found.notice)


def _is_enabled(entry: Entry, scope: Scope) -> bool:
    enabled = Template.parse(entry.enable).render(scope)
    if enabled not in {"true", "false"}:
        raise UsageError(f"enable is {enabled!r}, not true or false")
    return enabled == "true"


def _first_given(*texts: str | None) -> str:
    return next((text for text in texts if text is not None), "")


def _latest(drafts: Sequence[_Draft], flavor: Flavor) -> Iterable[Tag]:
    """The tag `latest`, where the flavor or, left to it, the first rule that gave a tag asks for it."""
    if not drafts:
        return
    if flavor.latest == "true" or (flavor.latest == "auto" and drafts[0].is_release):
        rule = f"flavor latest={flavor.latest}"
        yield Tag(tag_name(flavor.latest_tag, rule), rule, moving=True)


def _distinct(tags: Iterable[Tag]) -> tuple[tuple[Tag, ...], tuple[Skip, ...]]:
    """Each name once, where the first rule gave it; the others say so. One moving twin makes a tag moving."""
    first: dict[str, Tag] = {}
    repeated = []
    for tag in tags:
        if tag.name not in first:
            first[tag.name] = tag
            continue
        known = first[tag.name]
        first[tag.name] = Tag(known.name, known.rule, known.moving or tag.moving)
        repeated.append(Skip(tag.rule, f"{tag.name} is already given by {known.rule}"))
    return tuple(first.values()), tuple(repeated)


def _notices(
    inputs: TagInputs, event: RefEvent, names: Iterable[str], entries: Iterable[Entry], drafts: Sequence[_Draft]
) -> Iterable[str]:
    yield from (f"{name} is written in lower case, as registries want it" for name in names if name != name.lower())
    for entry in entries:
        yield from (f"rule {entry.text!r}: {unknown}= is unknown and changes nothing" for unknown in entry.unknown)
    yield from (f"rule {draft.tag.rule!r}: {draft.notice}" for draft in drafts if draft.notice)
    if event.commit_date is None and inputs.mentions("commit_date"):
        yield "the commit's date is unknown, so commit_date is the current time"
    if not drafts:
        yield f"no rule gives a tag for {event.described}"
