"""The labels and annotations that say where an image comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from ci_publish.event import RefEvent
from ci_publish.tags.csv_lines import entries
from ci_publish.tags.template import Scope, Template

_PREFIX = "org.opencontainers.image."


def oci_labels(event: RefEvent, version: str) -> dict[str, str]:
    """The eight that the image specification names and the event answers.

    Source: image-spec annotations.md.
    """
    repository = event.repository
    created = event.now.astimezone(UTC).isoformat(timespec="milliseconds")
    labels = {
        "title": repository.name,
        "description": repository.description,
        "url": repository.html_url,
        "source": repository.html_url,
        "version": version,
        "created": created.replace("+00:00", "Z"),
        "revision": event.sha,
        "licenses": repository.license,
    }
    return {f"{_PREFIX}{name}": value for name, value in labels.items()}


def with_custom(labels: Mapping[str, str], text: str, scope: Scope) -> dict[str, str]:
    """These labels, and those of an input over them, sorted by key.

    Args:
        labels: what is there.
        text: `key=value` lines, each a template; a line without `=` gives none.
        scope: the names the templates know.

    Raises:
        UsageError: a template is malformed.
    """
    lines = (Template.parse(entry).render(scope) for entry in entries(text))
    parts = (line.partition("=") for line in lines)
    custom = {key: value for key, equals, value in parts if equals}
    # upper-case letters behind their lower-case twins, as dictionaries sort
    return dict(sorted({**labels, **custom}.items(), key=lambda item: (item[0].lower(), item[0].swapcase())))
