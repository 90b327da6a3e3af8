"""New bytes for a file, staged beside it until they take its place at once."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Replacement:
    """A complete temporary file, and the file whose place it takes.

    Args:
        target: the file to replace; a symbolic link was followed.
        staged: the temporary file, in the same folder, hence on the same file system.
        durable: whether the change must have reached the disk when `commit` returns.
    """

    target: Path
    staged: Path
    durable: bool

    @classmethod
    def stage(cls, path: Path, data: bytes, *, durable: bool) -> Self:
        """Write the bytes beside `path`, with the mode of the file that is there.

        Raises:
            OSError: the folder is missing, full or not writable.
        """
        target = path.resolve()
        staged = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
        replacement = cls(target, staged, durable)
        # A new file gets what the user's umask leaves of this mode.
        handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | _BINARY, 0o666)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            with suppress(FileNotFoundError):
                staged.chmod(stat.S_IMODE(target.stat().st_mode))
        except BaseException:
            replacement.discard()
            raise
        return replacement

    def commit(self) -> None:
        """Put the staged file in the target's place: a reader sees the old bytes or the new, never a part."""
        self.staged.replace(self.target)
        if self.durable:
            _sync_folder(self.target.parent)

    def discard(self) -> None:
        """Remove the staged file; the target stays as it is."""
        self.staged.unlink(missing_ok=True)


_BINARY: int = getattr(os, "O_BINARY", 0)


def _sync_folder(folder: Path) -> None:
    # The new name is in the folder's data. Windows opens no folders, and flushes names by itself.
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
