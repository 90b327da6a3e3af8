import sqlite3
from pathlib import Path

import pytest

from ci_publish.errors import UsageError
from ci_publish.oci import Digest
from ci_publish.server.catalogue import Catalogue, StoredManifest

DIGEST = Digest.of(b"content")


def test_entries_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    manifest = StoredManifest(DIGEST, "media/type", b"content", subject=Digest.of(b"subject"))
    first = Catalogue(tmp_path / "file")
    first.add_blob("a", DIGEST, 7)
    first.put_manifest("a", manifest, ["v1"])
    first.close()
    second = Catalogue(tmp_path / "file")
    assert second.blob_size("a", DIGEST) == 7
    assert second.manifest("a", "v1") == StoredManifest(DIGEST, "media/type", b"content")
    assert list(second.referrers("a", Digest.of(b"subject"), after="")) == [manifest]
    second.close()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "file")

    def add_and_fail() -> None:
        with catalogue.transaction():
            catalogue.add_blob("a", DIGEST, 7)
            catalogue.put_manifest("a", StoredManifest(DIGEST, "media/type", b"content"), ["v1"])
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    assert catalogue.blob_size("a", DIGEST) is None
    assert not catalogue.has_repository("a")
    catalogue.close()


def test_a_commit_that_fails_is_not_carried_over_to_the_next(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "file")
    database = catalogue._database

    class FullDisk:
        in_transaction = property(lambda _: database.in_transaction)

        def execute(self, statement: str, values: tuple[str, ...] = ()) -> sqlite3.Cursor:
            if statement == "COMMIT":
                raise sqlite3.OperationalError("database or disk is full")
            return database.execute(statement, values)

    catalogue._database = FullDisk()  # type: ignore[assignment]  # stands in for a connection
    with pytest.raises(sqlite3.OperationalError), catalogue.transaction():
        catalogue.add_blob("a", DIGEST, 7)
    catalogue._database = database
    assert not database.in_transaction
    assert catalogue.blob_size("a", DIGEST) is None
    catalogue.close()


def test_one_registry_at_a_time(tmp_path: Path) -> None:
    first = Catalogue(tmp_path / "file")
    with pytest.raises(UsageError, match="in use by another registry"):
        Catalogue(tmp_path / "file")
    first.close()
    Catalogue(tmp_path / "file").close()


def test_something_else_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"this is a letter\n" * 100)
    with pytest.raises(UsageError, match="cannot be used"):
        Catalogue(file)
    assert file.read_bytes() == b"this is a letter\n" * 100


def test_a_newer_versions_file_is_not_touched(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "file")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(UsageError, match="newer version"):
        Catalogue(tmp_path / "file")
