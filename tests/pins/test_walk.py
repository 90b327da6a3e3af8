"""Which files below some paths are read."""

import subprocess
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.pins import pinnable_files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.yaml", "a/Dockerfile", "a/app.dockerfile", "a/Containerfile", "a/README.md", "c/d/e.YML"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def names(root: Path, *paths: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in pinnable_files(paths)]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def test_files_are_known_by_their_names_and_come_in_order(tree: Path) -> None:
    assert names(tree, tree) == ["a/Containerfile", "a/Dockerfile", "a/app.dockerfile", "b.yaml", "c/d/e.YML"]


def test_a_file_comes_once_however_it_is_named(tree: Path) -> None:
    assert names(tree, tree / "b.yaml", tree / "a" / ".." / "b.yaml", tree)[0] == "b.yaml"
    assert len(names(tree, tree, tree / "b.yaml", tree)) == 5


def test_links_in_a_folder_are_left_out_and_named_ones_are_read(tree: Path) -> None:
    (tree / "link.yaml").symlink_to("b.yaml")
    (tree / "loop").symlink_to(tree)
    assert len(names(tree, tree)) == 5
    assert names(tree, tree / "link.yaml") == ["link.yaml"]


def test_a_missing_path_is_refused(tree: Path) -> None:
    with pytest.raises(UsageError, match="there is no file or folder"):
        pinnable_files([tree / "b.yaml", tree / "missing"])


def test_a_named_file_of_no_known_format_is_refused(tree: Path) -> None:
    with pytest.raises(UsageError, match="no format is known") as refused:
        pinnable_files([tree / "a" / "README.md"])
    assert "*.yaml" in str(refused.value.hint)


def test_what_git_ignores_is_left_out(tree: Path) -> None:
    git(tree, "init")
    (tree / ".gitignore").write_text("c/\n*.dockerfile\n", encoding="utf-8")
    git(tree, "add", "b.yaml")
    (tree / ".git" / "x.yaml").touch()
    assert names(tree, tree) == ["a/Containerfile", "a/Dockerfile", "b.yaml"]
    assert names(tree, tree / "a") == ["a/Containerfile", "a/Dockerfile"]


def test_an_ignored_path_that_is_named_is_meant(tree: Path) -> None:
    git(tree, "init")
    (tree / ".gitignore").write_text("c/\n", encoding="utf-8")
    assert names(tree, tree / "c", tree / "c" / "d" / "e.YML") == ["c/d/e.YML"]


def test_a_tracked_file_that_is_gone_is_left_out(tree: Path) -> None:
    git(tree, "init")
    git(tree, "add", ".")
    (tree / "b.yaml").unlink()
    assert "b.yaml" not in names(tree, tree)


def test_names_need_not_be_unicode(tree: Path) -> None:
    name = b"\xff e\n.yaml".decode(errors="surrogateescape")
    (tree / name).touch()
    git(tree, "init")
    assert name in names(tree, tree)


def test_it_works_without_git(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tree, "init")
    (tree / ".git" / "x.yaml").touch()
    monkeypatch.setenv("PATH", "")
    assert len(names(tree, tree)) == 5
