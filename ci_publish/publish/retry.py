"""Trying again what failed in passing."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from ci_publish.errors import RegistryError
from ci_publish.publish.options import PushOptions

_LONGEST_PAUSE = 20.0
_backoff = wait_random_exponential(multiplier=0.5, max=_LONGEST_PAUSE)


def retrying(options: PushOptions, *, on_retry: Callable[[str], None]) -> Retrying:
    """Attempts to iterate over: as many as fit in `options.retry_for` seconds, while failures are transient.

    Args:
        options: how long to go on.
        on_retry: told the reason before each pause.
    """

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        on_retry(str(error))

    return Retrying(
        retry=retry_if_exception(_is_transient),
        wait=_pause,
        stop=stop_after_delay(options.retry_for),
        before_sleep=before_sleep,
        reraise=True,
    )


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, RegistryError) and error.transient


def _pause(state: RetryCallState) -> float:
    """Seconds to wait: what the registry asked for, else longer and longer with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RegistryError) else None
    return asked if asked is not None else _backoff(state)
