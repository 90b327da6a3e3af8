"""`digests.lock.json`: what was published, for everything that comes after."""

from ci_publish.record.file import DEFAULT_NAME, read_record, update_record
from ci_publish.record.record import SCHEMA_URL, Record

__all__ = ["DEFAULT_NAME", "SCHEMA_URL", "Record", "read_record", "update_record"]
