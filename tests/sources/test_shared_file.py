"""One file, read at many places."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import SourceError
from ci_publish.sources.shared_file import SharedFile

CONTENT = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(256)) * 8


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedFile]:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    file = SharedFile(path.open("rb", buffering=0))
    yield file
    file.close()


def test_sections_are_independent(shared: SharedFile) -> None:
    first, second = shared.section(10, 20), shared.section(15, 5)
    assert first.read(5) == CONTENT[10:15]
    assert second.read() == CONTENT[15:20]
    assert first.read() == CONTENT[15:30]
    assert first.read() == b""


def test_many_threads_read_what_is_there(shared: SharedFile) -> None:
    def whole(offset: int) -> bool:
        stream = shared.section(offset, 64 * 1024)
        data = b"".join(iter(lambda: stream.read(1000), b""))
        return data == CONTENT[offset : offset + 64 * 1024]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(whole, range(0, 64 * 1024, 1024)))


@given(st.data())
def test_a_section_reads_like_its_bytes(data: st.DataObject) -> None:
    with open(os.devnull, "rb", buffering=0) as nothing:  # noqa: PTH123 - any file will do
        shared = SharedFile(nothing)
    shared.read_at = lambda offset, size: CONTENT[offset : offset + size]  # type: ignore[method-assign]
    offset, size = data.draw(st.integers(0, 500)), data.draw(st.integers(0, 500))
    stream, expected = shared.section(offset, size), CONTENT[offset : offset + size]
    for _ in range(3):
        start, count = data.draw(st.integers(0, size)), data.draw(st.integers(-1, 600))
        assert stream.seek(start) == start
        wanted = expected[start:] if count < 0 else expected[start : start + count]
        assert stream.read(count) == wanted
        assert stream.tell() == start + len(wanted)


def test_readinto_fills_the_buffer(shared: SharedFile) -> None:
    buffer = bytearray(100)
    assert shared.section(50, 60).readinto(buffer) == 60  # type: ignore[attr-defined]  # a raw stream has it
    assert buffer == CONTENT[50:110] + bytes(40)


def test_a_file_cut_short_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    shared = SharedFile(path.open("rb", buffering=0))
    stream = shared.section(0, len(CONTENT))
    os.truncate(path, 100)
    with pytest.raises(SourceError, match="ends at byte 100"):
        stream.read()
    shared.close()


def test_a_file_replaced_meanwhile_goes_on_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    shared = SharedFile(path.open("rb", buffering=0))
    (tmp_path / "other").write_bytes(b"something else")
    (tmp_path / "other").replace(path)
    assert shared.section(0, len(CONTENT)).read() == CONTENT
    shared.close()


def test_the_whole_file_is_closed_with_its_stream(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    file = path.open("rb", buffering=0)
    with SharedFile(file).whole() as stream:
        assert stream.read() == CONTENT
    assert file.closed
