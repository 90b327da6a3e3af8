"""The lock files against `pyproject.toml`, and against what the installers are told to refuse."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"


def locked(path: Path) -> dict[str, tuple[Requirement, int]]:
    """Each requirement of a lock file with the number of its hashes, by name."""
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    parsed = [(Requirement(line.split("--hash")[0]), line.count("--hash=sha256:")) for line in lines]
    return {canonicalize_name(requirement.name): (requirement, hashes) for requirement, hashes in parsed}


def version(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return specifier.version


def declared(*, development: bool) -> list[Requirement]:
    texts = [*PROJECT["project"]["dependencies"], *(PROJECT["dependency-groups"]["dev"] if development else ())]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize(("path", "development"), [(RUNTIME, False), (DEVELOPMENT, True)], ids=["runtime", "dev"])
def test_what_the_project_declares_is_locked(path: Path, development: bool) -> None:  # noqa: FBT001 - a parameter
    lock = locked(path)
    for requirement in declared(development=development):
        chosen, _ = lock[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version(chosen)), f"{chosen} is locked: run make lock"


@pytest.mark.parametrize("path", [RUNTIME, DEVELOPMENT], ids=lambda path: path.name)
def test_everything_has_hashes_and_comes_from_no_particular_place(path: Path) -> None:
    assert all(hashes for _, hashes in locked(path).values())
    assert re.search(r"https?:|^--|^-[a-z]", path.read_text(encoding="utf-8"), re.MULTILINE) is None


def test_tests_run_with_what_users_run() -> None:
    users, ours = locked(RUNTIME), locked(DEVELOPMENT)
    assert {name: version(ours[name][0]) for name in users} == {name: version(users[name][0]) for name in users}


def test_the_build_backend_is_the_one_the_tests_build_with() -> None:
    development = locked(DEVELOPMENT)
    for text in PROJECT["build-system"]["requires"]:
        requirement = Requirement(text)
        assert version(development[canonicalize_name(requirement.name)][0]) == version(requirement)
