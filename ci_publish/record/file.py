"""The digest record on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ci_publish.errors import UsageError
from ci_publish.oci.document import MAX_DOCUMENT_SIZE
from ci_publish.publish.publication import Publication
from ci_publish.record.lock import exclusive
from ci_publish.record.record import Record
from ci_publish.record.replacement import Replacement

DEFAULT_NAME: Final = "digests.lock.json"


def read_record(path: Path) -> Record:
    """The record in a file.

    Raises:
        UsageError: the file is missing or unreadable, is not a record, or a newer ci-publish wrote it.
    """
    data = _read(path)
    if data is None:
        raise UsageError(
            f"there is no record {path}",
            hint=f"ci-publish push … --record {path} writes it; --record FILE names another",
        )
    return Record.parse(data, str(path))


def update_record(path: Path, publications: Sequence[Publication]) -> Record:
    """The record in a file after these publications were added to it; the file is made when missing.

    Other images' entries stay, also those that another process writes at the same time: reading, merging and
    replacing happen under a lock. A crash leaves the old file or the new one.

    Raises:
        UsageError: the file is there but is no record we may rewrite, or cannot be written.
    """
    path = path.resolve()
    try:
        with exclusive(path):
            data = _read(path)
            recorded = Record() if data is None else Record.parse(data, str(path))
            record = recorded.with_publications(publications)
            after = record.to_bytes()
            if after != data:
                Replacement.stage(path, after, durable=True).commit()
            return record
    except OSError as error:
        raise UsageError(
            f"the record {path} cannot be written: {error.strerror or error}",
            hint="name a file in a folder that exists and can be written: --record FILE",
        ) from None


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as stream:
            # one byte more than allowed, so that a larger file is noticed without being read
            return stream.read(MAX_DOCUMENT_SIZE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"the record {path} cannot be read: {error.strerror or error}") from None
