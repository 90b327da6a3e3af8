"""A lock that lets one process at a time change a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold off every other process (and thread) that asks for the same path, until the block ends.

    The operating system holds the lock on a file beside `path`, so a process that is killed lets go of it and
    nobody has to judge whether a lock is stale. The file itself cannot carry it: it is replaced, and
    whoever waits would then hold the lock of a file that is gone.
    """
    beside = path.with_name(f".{path.name}.lock")
    handle = _acquire(beside)
    try:
        yield
    finally:
        _release(handle, beside)


def _acquire(beside: Path) -> int:
    while True:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _lock(handle)
            if _is_current(handle, beside):
                return handle
        except BaseException:
            os.close(handle)
            raise
        # The one before us removed the file while we waited for it.
        os.close(handle)


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        # gives up after ten seconds; a holder needs milliseconds
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _is_current(_handle: int, _beside: Path) -> bool:
        # Windows removes no file that someone has open.
        return True

    def _release(handle: int, beside: Path) -> None:
        os.close(handle)
        with suppress(OSError):
            beside.unlink()

else:

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _is_current(handle: int, beside: Path) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), beside.stat())
        except FileNotFoundError:
            return False

    def _release(handle: int, beside: Path) -> None:
        # Removed while it is locked: those who wait see that it is gone, and start over.
        with suppress(OSError):
            beside.unlink()
        os.close(handle)
