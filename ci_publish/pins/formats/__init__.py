"""The references to images in files: where they are, one row for each file format.

A YAML format is data: which documents it reads, and the paths of the references in them. Any other format is a
module with a function that finds the references in a text. Reading, planning, diffing and writing are shared.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from ci_publish.pins.formats import dockerfile
from ci_publish.pins.formats.site import Site, TextFormat
from ci_publish.pins.formats.yaml_format import YamlFormat, find_in_yaml

_YAML: Final = ("*.yaml", "*.yml")
_CONTAINERS: Final = ("containers", "initContainers", "ephemeralContainers")

FORMATS: Final[tuple[YamlFormat | TextFormat, ...]] = (
    YamlFormat(
        "kubernetes",
        files=_YAML,
        where={
            "kind": frozenset(
                {
                    "Pod",
                    "Deployment",
                    "StatefulSet",
                    "DaemonSet",
                    "ReplicaSet",
                    "ReplicationController",
                    "Job",
                    "CronJob",
                    "List",
                }
            )
        },
        paths=tuple(f"{spec}.**.{key}[*].image" for spec in ("spec", "items[*].spec") for key in _CONTAINERS),
    ),
    YamlFormat("compose", files=_YAML, paths=("services.*.image",)),
    TextFormat(
        "dockerfile",
        files=("dockerfile", "dockerfile.*", "*.dockerfile", "containerfile", "containerfile.*", "*.containerfile"),
        find=dockerfile.find,
    ),
)


def covers(path: Path) -> bool:
    """Whether a format reads files of this name."""
    return any(_matches(path, row.files) for row in FORMATS)


def find_sites(path: Path, text: str) -> tuple[Site, ...]:
    """Every reference to an image in a file, in the order of the text.

    Args:
        path: the file's name decides which formats are tried, and stands in messages.
        text: the file's content, with the line ends it has.

    Raises:
        PinError: it is not valid YAML, with line and column.
    """
    rows = [row for row in FORMATS if _matches(path, row.files)]
    yaml_rows = [row for row in rows if isinstance(row, YamlFormat)]
    sites = set(find_in_yaml(text, yaml_rows, name=str(path))) if yaml_rows else set()
    for row in rows:
        if isinstance(row, TextFormat):
            sites.update(row.find(text))
    return tuple(sorted(sites, key=lambda site: site.start))


def _matches(path: Path, patterns: tuple[str, ...]) -> bool:
    # Patterns are in lower case, and match from the right: `a.yml` or `folder/a.yml`.
    name = f"/{path.as_posix().lower()}"
    return any(fnmatchcase(name, f"*/{pattern}") for pattern in patterns)
