"""Workers do their work side by side, and give up together."""

from __future__ import annotations

import threading
import time

import pytest

from ci_publish.publish.workers import Stopped, open_workers


def test_results_are_in_the_order_of_the_items() -> None:
    with open_workers(4) as workers:
        assert workers.map(lambda item: item * 2, range(50)) == [item * 2 for item in range(50)]


def test_the_first_failure_stops_the_others() -> None:
    stopped = threading.Event()

    def act(item: int) -> None:
        if item == 0:
            raise ValueError("broken")
        try:
            workers.pause(60)
        except Stopped:
            stopped.set()
            raise

    with pytest.raises(ValueError, match="broken"), open_workers(2) as workers:
        workers.map(act, range(10))

    assert stopped.wait(5)


def test_giving_up_does_not_wait_for_one_that_cannot_be_woken() -> None:
    release = threading.Event()

    def act(item: int) -> None:
        if item == 0:
            raise ValueError("broken")
        release.wait(60)

    started = time.monotonic()
    with pytest.raises(ValueError, match="broken"), open_workers(2) as workers:
        workers.map(act, range(2))
    waited = time.monotonic() - started
    release.set()

    # far from the minute that the stuck one would take
    assert waited < 30
