"""The shape of the source tree: what may import what, what is described where, what is shipped."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

from ci_publish import errors
from ci_publish.cli import COMMANDS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ci_publish"
MODULES = sorted(PACKAGE.rglob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")

# The way an image takes. A package imports from those before it; the command line from all.
HOUSE = (
    "errors",
    "oci",
    "event",
    "tags",
    "sources",
    "sinks",
    "registry",
    "publish",
    "record",
    "pins",
    "scaffold",
    "actions",
    "server",
    "demo",
    "cli",
)

# Who may import which library: each one stays behind the noun that needs it.
LIBRARIES = {
    "click": {"cli"},
    "git": {"event"},
    "httpx": {"event", "registry"},
    "isal": {"publish", "sources"},
    "packaging": {"tags"},
    "rich": {"cli"},
    "semver": {"tags"},
    "tenacity": {"publish"},
    "yaml": {"pins"},
    "zstandard": {"publish", "sources"},
}

# `tags` runs in every job, often only to compute a name: what it does not need must not be loaded.
SLOW_TO_LOAD = {"git", "httpx", "isal", "rich", "tenacity", "yaml", "zstandard"}

NAMES_THAT_SAY_NOTHING = {"base", "common", "core", "helper", "helpers", "manager", "misc", "types", "util", "utils"}


def package_of(module: Path) -> str:
    """The part of the house a file belongs to: a package's name, or a top module's."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_names(module: Path) -> Iterator[str]:
    """Every dotted name the file imports, also within functions."""
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_in_house(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


@pytest.fixture(params=MODULES, ids=name_in_house)
def module(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_every_package_has_its_place() -> None:
    parts = {package_of(module) for module in MODULES}
    assert parts - set(HOUSE) == {"__init__", "__main__"}


def test_a_module_imports_only_from_packages_above_it(module: Path) -> None:
    own = package_of(module)
    if own == "__main__":
        return
    above = {own, *HOUSE[: HOUSE.index(own)]} if own in HOUSE else set[str]()
    ours = {name.split(".")[1] for name in imported_names(module) if name.startswith("ci_publish.")}
    assert ours <= above


def test_a_library_is_imported_only_where_it_belongs(module: Path) -> None:
    # _typeshed exists for type checkers only
    known = {*sys.stdlib_module_names, "ci_publish", "_typeshed"}
    libraries = {name.split(".")[0] for name in imported_names(module)} - known
    own = package_of(module)
    assert {library for library in libraries if own not in LIBRARIES.get(library, ())} == set()


def test_every_declared_library_is_used_and_described() -> None:
    used = {name.split(".")[0] for name in chain.from_iterable(map(imported_names, MODULES))} & set(LIBRARIES)
    distributions = packages_distributions()
    names = {distribution.lower() for library in used for distribution in distributions[library]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[>=<~!\[; ]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert declared == names
    assert declared == set(re.findall(r"^\| \[?`([a-z0-9-]+)`", section(ARCHITECTURE, "Dependencies"), re.MULTILINE))


def test_a_name_says_what_a_module_is(module: Path) -> None:
    assert module.stem not in NAMES_THAT_SAY_NOTHING
    assert module.parent.name not in NAMES_THAT_SAY_NOTHING


def test_a_module_can_be_read_in_one_sitting(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def test_a_module_begins_with_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_bytes()))


def test_the_architecture_page_names_the_module(module: Path) -> None:
    if module.name == "__init__.py":
        return
    inside = module.relative_to(PACKAGE)
    rows = re.findall(r"^\| `([\w/.]+)` \|[^|]*\|([^|]*)\|$", section(ARCHITECTURE, "House"), re.MULTILINE)
    house = {package: set(re.findall(r"`([\w/]+)`", names)) for package, names in rows}
    if len(inside.parts) == 1:
        assert inside.name in house
    else:
        assert inside.with_suffix("").relative_to(inside.parts[0]).as_posix() in house[f"{inside.parts[0]}/"]


def test_the_architecture_page_names_no_module_that_is_gone() -> None:
    rows = re.findall(r"^\| `(\w+/)` \|[^|]*\|([^|]*)\|$", section(ARCHITECTURE, "House"), re.MULTILINE)
    named = [PACKAGE / package / f"{name}.py" for package, names in rows for name in re.findall(r"`([\w/]+)`", names)]
    assert [path for path in named if not path.is_file()] == []


def test_the_architecture_page_has_the_house_in_order() -> None:
    rows = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", section(ARCHITECTURE, "House"), re.MULTILINE)
    built = {package_of(module) for module in MODULES}
    assert rows == [*(part for part in HOUSE if part in built), "__main__"]


def test_readme_lists_the_exit_codes_of_the_errors() -> None:
    codes = {
        cls.exit_code
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.CiPublishError)
    }
    listed = re.findall(r"^\| (\d+) \|", section(README, "Exit codes"), re.MULTILINE)
    assert sorted(map(int, listed)) == sorted({0, *codes})


def test_readme_lists_the_commands() -> None:
    assert re.findall(r"^\| `(\w+)", section(README, "Commands"), re.MULTILINE) == list(COMMANDS)


def test_tags_does_not_load_what_it_does_not_need() -> None:
    program = "import sys, ci_publish.cli.tags; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert SLOW_TO_LOAD.isdisjoint(loaded.stdout.split())


def test_a_wheel_holds_the_package_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert packed == {name_in_house(path) for path in files}


def section(document: str, title: str) -> str:
    """The text under the heading `## title`, up to the next of its kind."""
    _, _, rest = document.partition(f"\n## {title}\n")
    assert rest, f"no section {title!r}"
    return rest.partition("\n## ")[0]
