from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.oci import Digest
from ci_publish.server import contents
from ci_publish.server.storage import Storage
from ci_publish.server.uploads import Upload

CONTENT = b"content"
DIGEST = Digest.of(CONTENT)


def uploaded(storage: Storage, content: bytes = CONTENT) -> Upload:
    upload = storage.uploads.begin("a", algorithm="sha256")
    upload.append([memoryview(content)])
    return upload


def test_what_a_kill_left_without_an_entry_is_removed(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.keep("a", uploaded(storage), DIGEST)
    storage.close()
    orphan = tmp_path / "blobs" / "sha256" / Digest.of(b"orphan").hex
    orphan.write_bytes(b"orphan")
    storage = Storage(tmp_path)
    assert not orphan.exists()
    with storage.open_blob(DIGEST) as file:
        assert file.read() == CONTENT
    storage.close()


def test_a_folder_with_other_things_is_not_touched(tmp_path: Path) -> None:
    layout = tmp_path / "blobs" / "sha256" / DIGEST.hex
    layout.parent.mkdir(parents=True)
    layout.write_bytes(CONTENT)
    with pytest.raises(UsageError, match="something other"):
        Storage(tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [layout]


def test_files_that_are_no_blobs_are_left_alone(tmp_path: Path) -> None:
    Storage(tmp_path).close()
    stray = tmp_path / "blobs" / "sha256" / ".DS_Store"
    stray.touch()
    Storage(tmp_path).close()
    assert stray.exists()


def test_a_lost_blob_can_be_pushed_again(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.keep("a", uploaded(storage), DIGEST)
    (tmp_path / "blobs" / "sha256" / DIGEST.hex).unlink()
    storage.keep("a", uploaded(storage), DIGEST)
    storage.open_blob(DIGEST).close()
    storage.close()


def test_an_entry_is_made_only_after_bytes_and_name_are_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(tmp_path)
    upload = uploaded(storage)

    def fail(_folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(contents, "sync_folder", fail)
    with pytest.raises(OSError, match="No space"):
        storage.keep("a", upload, DIGEST)
    assert storage.catalogue.blob_size("a", DIGEST) is None
    storage.close()


def test_the_last_repository_takes_the_bytes_along(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    storage.keep("a", uploaded(storage), DIGEST)
    assert storage.mount("b", DIGEST, source="a")
    assert not storage.mount("c", DIGEST, source="c")
    assert storage.remove_blob("a", DIGEST)
    storage.open_blob(DIGEST).close()
    assert storage.remove_blob("b", DIGEST)
    assert not storage.remove_blob("b", DIGEST)
    with pytest.raises(FileNotFoundError):
        storage.open_blob(DIGEST)
    storage.close()
