"""The table of contents of a tar archive."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ci_publish.errors import SourceError
from ci_publish.sources.shared_file import SharedFile
from ci_publish.sources.tar_files import TarFiles
from tests.support.archive_parts import HardLink, SymLink, add, tar

NAMES = st.from_regex(r"[a-zé]{1,60}(/[a-z.]{0,5}[a-z]{1,60}){0,4}", fullmatch=True)


def files_of(path: Path, data: bytes) -> TarFiles:
    path.write_bytes(data)
    shared = SharedFile(path.open("rb", buffering=0))
    try:
        return TarFiles.of(shared)
    except BaseException:
        shared.close()
        raise


def content(files: TarFiles, name: str) -> bytes | None:
    found = files.find(name)
    if found is None:
        return None
    with found.open() as stream:
        return stream.read()


@given(st.dictionaries(NAMES, st.binary(max_size=1500), max_size=6), st.sampled_from([0, 1, 2]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_every_file_is_found_with_its_bytes(tmp_path: Path, expected: dict[str, bytes], form: int) -> None:
    if form == tarfile.USTAR_FORMAT:
        expected = {name: data for name, data in expected.items() if len(name.encode()) < 100}
    files = files_of(tmp_path / "tar", tar({"first": b"", **expected}, form=form))
    assert set(files.names()) == {"first", *expected}
    assert {name: content(files, name) for name in expected} == expected
    files.close()


def test_links_are_followed_from_where_they_are(tmp_path: Path) -> None:
    members: dict[str, bytes | SymLink | HardLink] = {
        "a/file": b"one",
        "b/file": b"two",
        "b/link": SymLink("file"),
        "b/far": SymLink("../a/file"),
        "b/chain": SymLink("./far"),
        "c": HardLink("./b/file"),
    }
    files = files_of(tmp_path / "tar", tar(members))
    assert content(files, "b/link") == b"two"
    assert content(files, "b/far") == b"one"
    assert content(files, "./b//chain") == b"one"
    assert content(files, "c") == b"two"
    assert content(files, "b") is None
    files.close()


def test_of_several_the_last_counts_and_it_is_told(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in (("a", b"1"), ("b", b"2"), ("./a", b"3")):
            add(archive, name, data)
    files = files_of(tmp_path / "tar", buffer.getvalue())
    assert content(files, "a") == b"3"
    assert files.is_ambiguous("a")
    assert not files.is_ambiguous("b")
    files.close()


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_publish.sources.tar_files._MAX_MEMBERS", 10)
    data = tar({f"file{n}": b"" for n in range(10)})
    with pytest.raises(SourceError, match="more than 10 members"):
        files_of(tmp_path / "tar", data)


def test_members_outside_are_not_reached(tmp_path: Path) -> None:
    files = files_of(tmp_path / "tar", tar({"../up": b"x", "/abs": b"y", "in": b"z"}))
    assert content(files, "in") == b"z"
    for name in ("../up", "/abs", "a/../../up"):
        with pytest.raises(SourceError, match="outside"):
            files.find(name)
    files.close()


# Each member has a header and two blocks; between members no one can tell a cut from an end.
@pytest.mark.parametrize("size", [size for size in range(0, 6 * 512, 256) if size != 3 * 512])
def test_no_cut_within_a_member_goes_unnoticed(size: int, tmp_path: Path) -> None:
    whole = tar({"a": b"x" * 600, "b": b"y" * 600})
    with pytest.raises((SourceError, tarfile.ReadError)):
        files_of(tmp_path / "tar", whole[:size])
