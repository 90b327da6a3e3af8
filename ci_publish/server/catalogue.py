"""What each repository holds: its blobs, manifests and tags, in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ci_publish.errors import UsageError
from ci_publish.oci import Digest

_VERSION = 1
# Names and tags are values here and never become paths. SQLite compares text byte by byte, which is the order
# the spec asks of tags. Deleting a manifest deletes the tags that point at it.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS blobs (
    repository TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (repository, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS blobs_by_digest ON blobs (digest);
CREATE TABLE IF NOT EXISTS manifests (
    repository TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, content BLOB NOT NULL, subject TEXT,
    PRIMARY KEY (repository, digest)
);
CREATE INDEX IF NOT EXISTS manifests_by_subject ON manifests (repository, subject) WHERE subject IS NOT NULL;
CREATE TABLE IF NOT EXISTS tags (
    repository TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (repository, name),
    FOREIGN KEY (repository, digest) REFERENCES manifests ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_digest ON tags (repository, digest);
PRAGMA user_version = {_VERSION};
"""


@dataclass(frozen=True, slots=True)
class StoredManifest:
    """A manifest as it was pushed, byte for byte, and the digest of its subject if it has one."""

    digest: Digest
    media_type: str
    content: bytes
    subject: Digest | None = None


class Catalogue:
    """Entries of all repositories; every write is on disk when its method returns.

    Args:
        file: the SQLite file, made when missing. It is locked while open: two registries on one folder would
            delete each other's uploads.

    Raises:
        UsageError: another process has it open, a newer version wrote it, or it is something else.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise _unusable(file, error) from None
        except BaseException:
            self._database.close()
            raise

    def _prepare(self) -> None:
        run = self._database.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA foreign_keys = ON")
        (version,) = run("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise UsageError(
                "the storage folder was written by a newer version of ci-publish",
                hint="update ci-publish, or give another folder with --storage",
            )
        self._database.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside, seen by others at once; one inside another joins it."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some failures, such as a full disk
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def has_repository(self, repository: str) -> bool:
        """Whether the repository holds anything."""
        held = "SELECT 1 FROM blobs WHERE repository = ? UNION ALL SELECT 1 FROM manifests WHERE repository = ? LIMIT 1"
        return bool(self._rows(held, repository, repository))

    def blob_size(self, repository: str, digest: Digest) -> int | None:
        """The size of a blob of this repository, `None` when it has no such blob."""
        rows = self._rows("SELECT size FROM blobs WHERE repository = ? AND digest = ?", repository, str(digest))
        return int(rows[0][0]) if rows else None

    def blob_size_anywhere(self, digest: Digest) -> int | None:
        """The size of a blob that any repository has, `None` when none has it."""
        rows = self._rows("SELECT size FROM blobs WHERE digest = ? LIMIT 1", str(digest))
        return int(rows[0][0]) if rows else None

    def add_blob(self, repository: str, digest: Digest, size: int) -> None:
        """Let the repository have this blob."""
        self._write("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", repository, str(digest), size)

    def remove_blob(self, repository: str, digest: Digest) -> bool:
        """Take the blob from the repository; `False` when it was not there."""
        delete = "DELETE FROM blobs WHERE repository = ? AND digest = ?"
        return self._write(delete, repository, str(digest)) > 0

    def manifest(self, repository: str, reference: Digest | str) -> StoredManifest | None:
        """The manifest with this digest, or the one this tag points at."""
        select = "SELECT digest, media_type, content FROM manifests WHERE repository = ? AND digest = "
        if isinstance(reference, Digest):
            rows = self._rows(f"{select} ?", repository, str(reference))
        else:
            tagged = "(SELECT digest FROM tags WHERE repository = ? AND name = ?)"
            rows = self._rows(f"{select} {tagged}", repository, repository, reference)
        return StoredManifest(Digest.parse(rows[0][0]), rows[0][1], rows[0][2]) if rows else None

    def manifest_size(self, repository: str, digest: Digest) -> int | None:
        """The size of a manifest of this repository, `None` when it has no such manifest."""
        select = "SELECT length(content) FROM manifests WHERE repository = ? AND digest = ?"
        rows = self._rows(select, repository, str(digest))
        return int(rows[0][0]) if rows else None

    def put_manifest(self, repository: str, manifest: StoredManifest, tags: Sequence[str]) -> None:
        """Keep the manifest and let the tags point at it."""
        digest = str(manifest.digest)
        subject = str(manifest.subject) if manifest.subject else None
        with self.transaction():
            # an upsert and not a replacement, which would delete the tags that point here
            self._write(
                "INSERT INTO manifests VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (repository, digest) DO UPDATE SET media_type = excluded.media_type",
                *(repository, digest, manifest.media_type, manifest.content, subject),
            )
            for tag in tags:
                self._write("INSERT OR REPLACE INTO tags VALUES (?, ?, ?)", repository, tag, digest)

    def remove_manifest(self, repository: str, digest: Digest) -> bool:
        """Delete the manifest and its tags; `False` when it was not there."""
        delete = "DELETE FROM manifests WHERE repository = ? AND digest = ?"
        return self._write(delete, repository, str(digest)) > 0

    def remove_tag(self, repository: str, tag: str) -> bool:
        """Delete the tag and leave what it points at; `False` when it was not there."""
        return self._write("DELETE FROM tags WHERE repository = ? AND name = ?", repository, tag) > 0

    def tags(self, repository: str, *, after: str, limit: int) -> list[str]:
        """The repository's tags that sort behind `after`, at most `limit` of them; -1 for all."""
        select = "SELECT name FROM tags WHERE repository = ? AND name > ? ORDER BY name LIMIT ?"
        return [row[0] for row in self._rows(select, repository, after, limit)]

    def referrers(self, repository: str, subject: Digest, *, after: str) -> Iterator[StoredManifest]:
        """The manifests that name this subject, by digest, those that sort behind `after`."""
        select = (
            "SELECT digest, media_type, content FROM manifests"
            " WHERE repository = ? AND subject = ? AND digest > ? ORDER BY digest LIMIT 1"
        )
        while rows := self._rows(select, repository, str(subject), after):
            after = rows[0][0]
            yield StoredManifest(Digest.parse(after), rows[0][1], rows[0][2], subject)

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: object) -> int:
        with self._lock:
            return self._database.execute(statement, values).rowcount


def _unusable(file: Path, error: sqlite3.Error) -> UsageError:
    if "locked" in str(error):
        return UsageError(
            f"{file.parent} is in use by another registry", hint="stop that one, or give another folder with --storage"
        )
    return UsageError(
        f"{file} cannot be used: {error}", hint="give an empty or new folder with --storage, or remove this one"
    )
