"""Threads that do the steps of a push side by side, and give up together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# How long those who give up may take to tell the registry; a thread that waits for a dead one cannot be woken.
_FAREWELL_SECONDS = 0.5


class Stopped(Exception):  # noqa: N818 - no error: what stopped the others is
    """Ends the work of a thread because the push is given up."""


class Workers:
    """Threads with work in common."""

    def __init__(self, count: int) -> None:
        self._executor = ThreadPoolExecutor(count)
        self._stop = Event()
        self._futures: list[Future[Any]] = []

    def map(self, action: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """What the action gives for each item, in their order; they are begun in this order too.

        Raises:
            Exception: what the first action to fail raised. The others go on until the workers give up.
        """
        futures = [self._executor.submit(action, item) for item in items]
        self._futures += futures
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
        return [future.result() for future in futures]

    def check(self) -> None:
        """Nothing, while the work is wanted.

        Raises:
            Stopped: it is not wanted any more.
        """
        if self._stop.is_set():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait; `Stopped` is raised when the work is given up meanwhile."""
        self._stop.wait(seconds)
        self.check()

    def give_up(self) -> None:
        """Stop all work. A thread that waits for the network goes on doing so, until its own timeout."""
        self._stop.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        wait(self._futures, timeout=_FAREWELL_SECONDS)

    def finish(self) -> None:
        """End the threads, which have nothing left to do."""
        self._executor.shutdown()


@contextmanager
def open_workers(count: int) -> Iterator[Workers]:
    """So many workers, who give up when the block fails or is interrupted."""
    workers = Workers(count)
    try:
        yield workers
    except BaseException:
        workers.give_up()
        raise
    workers.finish()
