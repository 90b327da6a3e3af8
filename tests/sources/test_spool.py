"""Input from pipes and in compressions."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from pathlib import Path

import pytest

from ci_publish.errors import SourceError
from ci_publish.sources import open_source
from ci_publish.sources.spool import open_in_place
from tests.support.archive_parts import compressed
from tests.support.samples import SAMPLES
from tests.support.validate import validate

COMPRESSIONS = ("none", "gzip", "zstd", "xz", "bzip2")
CONTENT = bytes(range(256)) * 600


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_content_is_the_plain_one(compression: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(compressed(CONTENT, compression))
    file = open_in_place(path)
    assert file.read_at(0, len(CONTENT) + 1) == CONTENT
    file.close()


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_several_streams_in_a_row_are_one(compression: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(compressed(CONTENT[:1000], compression) + compressed(CONTENT[1000:], compression))
    file = open_in_place(path)
    assert file.read_at(0, len(CONTENT) + 1) == CONTENT
    file.close()


@pytest.mark.parametrize("first", [1, 3, 512])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_pipe_may_deliver_little_at_a_time(compression: str, first: int, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = compressed(CONTENT, compression)

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            pipe.write(data[:first])
            pipe.write(data[first : 2 * first])
            pipe.write(data[2 * first :])

    writer = threading.Thread(target=write)
    writer.start()
    file = open_in_place(path)
    writer.join()
    assert file.read_at(0, len(CONTENT) + 1) == CONTENT
    file.close()


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = SAMPLES["nix"].write(tmp_path)
    with path.open("rb") as stream:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(stream.raw)))
        with open_source("-") as archive:
            validate(archive.image)


def test_standard_input_is_named_in_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(SourceError, match="standard input: is empty"):
        open_source("-")


def test_a_bomb_takes_disk_but_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(compressed(bytes(64 * 1024**2), "zstd"))
    assert path.stat().st_size < 10_000
    tracemalloc.start()
    open_in_place(path).close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024**2


def test_no_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> io.FileIO:
        return io.FileIO("/dev/full", "w")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    path = tmp_path / "file"
    path.write_bytes(compressed(CONTENT, "gzip"))
    with pytest.raises(SourceError, match="cannot be unpacked to") as caught:
        open_source(path)
    assert caught.value.hint is not None
    assert "TMPDIR" in caught.value.hint


@pytest.mark.parametrize("name", ["nix", "docker-legacy", "oci-directory"])
def test_nothing_is_left_open_or_on_disk(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path = SAMPLES[name].write(tmp_path)
    before = len(list(Path("/dev/fd").iterdir()))
    with open_source(path) as archive:
        validate(archive.image)
        assert list(temporary.iterdir()) == []
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_source_needs_neither_network_nor_terminal_libraries() -> None:
    script = "import sys, ci_publish.sources; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {"httpx", "rich", "git", "click", "yaml", "tenacity"} & set(loaded) == set()
