"""The record on disk is whole at any time, and nobody's entry gets lost."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.record import Record, read_record, update_record
from tests.support.publications import publication

ADDERS, ADDITIONS = 4, 6


def test_what_is_updated_is_read(tmp_path: Path) -> None:
    path = tmp_path / "digests.lock.json"
    made = update_record(path, [publication()])
    assert read_record(path).images == made.images == {"ghcr.io/acme/app": publication()}


def test_a_missing_record_is_refused_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no record") as refused:
        read_record(tmp_path / "r.json")
    assert "ci-publish push" in str(refused.value.hint)


def test_a_folder_is_no_record(tmp_path: Path) -> None:
    for action in (read_record, lambda path: update_record(path, [publication()])):
        with pytest.raises(UsageError, match="cannot be read"):
            action(tmp_path)


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        update_record(tmp_path / "no" / "r.json", [publication()])


def test_a_record_we_cannot_read_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text('{"version": 99}', encoding="utf-8")
    with pytest.raises(UsageError, match="version 99"):
        update_record(path, [publication()])
    assert path.read_text(encoding="utf-8") == '{"version": 99}'
    assert [*tmp_path.iterdir()] == [path]


def test_an_unchanged_record_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    update_record(path, [publication()])
    before = path.stat()
    update_record(path, [publication()])
    assert path.stat().st_ino == before.st_ino


def test_mode_and_symbolic_link_stay(tmp_path: Path) -> None:
    real = tmp_path / "folder" / "real.json"
    real.parent.mkdir()
    update_record(real, [publication()])
    real.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(real)
    update_record(link, [publication("ghcr.io/acme/two")])
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(read_record(real).images) == 2
    assert [*real.parent.iterdir()] == [real]


def test_a_new_record_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    update_record(tmp_path / "r.json", [publication()])
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "r.json").stat().st_mode == plain.stat().st_mode


def test_a_failed_write_leaves_the_old_record_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.json"
    update_record(path, [publication()])
    before = path.read_bytes()

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UsageError, match="No space left"):
        update_record(path, [publication("ghcr.io/acme/two")])
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


def add_images(path: Path, adder: int) -> None:
    for number in range(ADDITIONS):
        update_record(path, [publication(f"ghcr.io/acme/app-{adder}-{number}")])


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=add_images, args=(path, adder)) for adder in range(ADDERS)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        # whenever one looks, the record is whole
        if path.exists():
            Record.parse(path.read_bytes(), "r")
        processes[0].join(0.01)
    assert [process.exitcode for process in processes] == [0] * ADDERS
    assert len(read_record(path).images) == ADDERS * ADDITIONS
    assert [*tmp_path.iterdir()] == [path]
