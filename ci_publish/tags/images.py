"""The repositories to publish to."""

from __future__ import annotations

from collections.abc import Iterable

from ci_publish.errors import UsageError
from ci_publish.oci import Repository
from ci_publish.tags.csv_lines import entries, fields


def image_names(text: str) -> tuple[str, ...]:
    """The names in an `images` input as written, without the disabled ones.

    Args:
        text: one name a line, alone or as `name=…,enable=…`; a single line may hold several, with commas.

    Raises:
        UsageError: an attribute is unknown or has a wrong value, or a name is missing.
    """
    lines = entries(text)
    if len(lines) == 1 and "=" not in lines[0]:
        return tuple(name.strip() for name in fields(lines[0]) if name.strip())
    named = (_image(line) for line in lines)
    return tuple(name for name, is_enabled in named if is_enabled)


def parse_images(names: Iterable[str]) -> tuple[Repository, ...]:
    """The repositories of these names, each once.

    Args:
        names: as from `image_names`; capitals are lowered, because owners on GitHub have them and registries do not.

    Raises:
        UsageError: a name breaks the grammar of the distribution spec.
    """
    return tuple(dict.fromkeys(Repository.parse(name.lower()) for name in names))


def _image(entry: str) -> tuple[str, bool]:
    name, enable = "", "true"
    for field in fields(entry):
        key, equals, rest = field.partition("=")
        # like docker/metadata-action, which drops what stands behind a second `=`
        value = rest.partition("=")[0].strip()
        match key.strip().lower() if equals else "":
            case "":
                name = key.strip()
            case "name":
                name = value
            case "enable":
                enable = value
            case unknown:
                raise UsageError(f"images {entry!r}: there is no {unknown!r}", hint="known are name and enable")
    if enable not in {"true", "false"}:
        raise UsageError(f"images {entry!r}: enable is true or false")
    if not name:
        raise UsageError(f"images {entry!r}: the name is missing")
    return name, enable == "true"
