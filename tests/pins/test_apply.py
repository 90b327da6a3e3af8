"""All files are written, or none."""

import os
import stat
from pathlib import Path

import pytest

from ci_publish.errors import PinError
from ci_publish.pins import PinPlan, apply_pins, plan_pins
from ci_publish.record.replacement import Replacement
from tests.support.publications import publication, record

RECORD = record(publication("ghcr.io/acme/app"))
BEFORE = b"FROM ghcr.io/acme/app:1.2.3\r\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"Dockerfile.{number}" for number in range(3)]
    for path in paths:
        path.write_bytes(BEFORE)
    return paths


def assert_untouched(files: list[Path]) -> None:
    assert [path.read_bytes() for path in files] == [BEFORE] * len(files)
    assert sorted(files[0].parent.iterdir()) == files


def test_what_changed_is_returned(files: list[Path]) -> None:
    assert apply_pins(plan_pins(files, RECORD)) == tuple(files)
    assert apply_pins(plan_pins(files, RECORD)) == ()
    assert apply_pins(PinPlan((), ())) == ()
    assert sorted(files[0].parent.iterdir()) == files


def test_mode_and_symbolic_links_stay(files: list[Path]) -> None:
    files[0].chmod(0o755)
    link = files[0].with_name("Containerfile")
    link.symlink_to(files[0].name)
    apply_pins(plan_pins([link], RECORD))
    assert link.is_symlink()
    assert b"@sha256:" in files[0].read_bytes()
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o755


def test_a_file_changed_since_the_plan_stops_all(files: list[Path]) -> None:
    plan = plan_pins(files, RECORD)
    files[1].write_bytes(b"FROM other\n")
    with pytest.raises(PinError, match="was changed"):
        apply_pins(plan)
    files[1].write_bytes(BEFORE)
    assert_untouched(files)


def test_a_file_that_cannot_be_staged_stops_all(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    plan, real = plan_pins(files, RECORD), os.open

    def full_disk(path: os.PathLike[str], *arguments: int) -> int:
        if Path(path).name.startswith(".Dockerfile.2"):
            raise OSError(28, "No space left on device", str(path))
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", full_disk)
    with pytest.raises(PinError, match=r"no file was pinned: .*No space left"):
        apply_pins(plan)
    monkeypatch.undo()
    assert_untouched(files)


def test_a_failed_replacement_takes_the_others_back(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    plan, real = plan_pins(files, RECORD), Replacement.commit

    def fail_on_the_last(replacement: Replacement) -> None:
        if replacement.target == files[2]:
            raise PermissionError(1, "Operation not permitted", str(files[2]))
        real(replacement)

    monkeypatch.setattr(Replacement, "commit", fail_on_the_last)
    with pytest.raises(PinError, match="no file was pinned"):
        apply_pins(plan)
    assert_untouched(files)
