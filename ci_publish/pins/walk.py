"""The files below some paths that a pin format reads."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Never

from ci_publish.errors import UsageError
from ci_publish.pins.formats import FORMATS, covers


def pinnable_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Files named, and files in the folders named, each once, folders in the order of their names.

    In a git work tree, what git ignores is left out, unless the folder itself is ignored; symbolic links in a
    folder are left out, since what they point at is another file or none of this tree.

    Raises:
        UsageError: a path does not exist, or a file is named that no format reads.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        files = _files_below(path) if path.is_dir() else [_named(path)]
        for file in files:
            found.setdefault(file.resolve(), file)
    return tuple(found.values())


def _named(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"there is no file or folder {path}")
    if not covers(path):
        names = ", ".join(dict.fromkeys(pattern for row in FORMATS for pattern in row.files))
        raise UsageError(f"no format is known for {path}", hint=f"names that are read: {names}")
    return path


def _files_below(folder: Path) -> Iterator[Path]:
    files = _listed_by_git(folder)
    for file in sorted(_walked(folder) if files is None else files):
        if covers(file) and file.is_file() and not file.is_symlink():
            yield file


def _walked(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_stop):
        folders[:] = (name for name in folders if name != ".git")
        yield from (Path(parent, file) for file in files)


def _stop(error: OSError) -> Never:
    raise error


def _listed_by_git(folder: Path) -> list[Path] | None:
    """What git tracks or would track; `None` outside of a work tree, in an ignored folder, or without git."""
    ignored = _git(folder, "check-ignore", "--quiet", ".")
    # 1 is "no"; a folder that git ignores but the user names is meant, and git would list nothing there
    if ignored is None or ignored.returncode != 1:
        return None
    listing = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    if listing is None or listing.returncode != 0:
        return None
    return [folder / os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    # A configured file system monitor is a program that git would start.
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - fixed arguments, no shell
    except OSError:
        return None
