"""Trying again what failed in passing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from ci_publish.errors import RegistryError
from ci_publish.publish.options import PushOptions

Result = TypeVar("Result")

_LONGEST_PAUSE = 20.0
_backoff = wait_random_exponential(multiplier=0.5, max=_LONGEST_PAUSE)


def retried(
    action: Callable[[], Result],
    *,
    options: PushOptions,
    on_retry: Callable[[str], None] = lambda _reason: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """What the action gives, when it succeeds within `options.retry_for` seconds of its first failure.

    The time before that failure does not count: a layer that takes ten minutes deserves a second try too.

    Args:
        action: may be called any number of times.
        options: how long to go on.
        on_retry: told the reason before each pause.
        sleep: takes the pause, in seconds.

    Raises:
        Exception: what the last try raised.
    """
    attempts = Retrying(
        retry=retry_if_exception(_is_transient),
        wait=lambda state: options.pace * _pause(state),
        stop=_Budget(options.retry_for),
        before_sleep=lambda state: on_retry(str(_failure(state))),
        sleep=sleep,
        reraise=True,
    )
    return attempts(action)


class _Budget:
    """Ends the tries when the next one would come later than so many seconds after the first failure."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._first: float | None = None

    def __call__(self, state: RetryCallState) -> bool:
        now = time.monotonic() if state.outcome_timestamp is None else state.outcome_timestamp
        self._first = now if self._first is None else self._first
        return now - self._first + state.upcoming_sleep >= self._seconds


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, RegistryError) and error.transient


def _pause(state: RetryCallState) -> float:
    """Seconds to wait: what the registry asked for, else longer and longer with jitter."""
    error = _failure(state)
    asked = error.retry_after if isinstance(error, RegistryError) else None
    return asked if asked is not None else _backoff(state)


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
