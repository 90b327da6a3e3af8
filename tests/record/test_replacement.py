"""A replacement takes the file's place at once, or not at all."""

from pathlib import Path

import pytest

from ci_publish.record.replacement import Replacement


@pytest.mark.parametrize("durable", [True, False])
def test_nothing_changes_before_the_commit(tmp_path: Path, *, durable: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    replacement = Replacement.stage(path, b"new", durable=durable)
    assert path.read_bytes() == b"old"
    replacement.commit()
    assert path.read_bytes() == b"new"
    assert [*tmp_path.iterdir()] == [path]


def test_discard_removes_what_was_staged(tmp_path: Path) -> None:
    Replacement.stage(tmp_path / "file", b"new", durable=False).discard()
    assert [*tmp_path.iterdir()] == []


def test_discard_after_commit_keeps_the_file(tmp_path: Path) -> None:
    replacement = Replacement.stage(tmp_path / "file", b"new", durable=False)
    replacement.commit()
    replacement.discard()
    assert (tmp_path / "file").read_bytes() == b"new"
