"""Only what failed in passing is tried again, for so long and no longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ci_publish.errors import AuthError, RegistryError, SourceError
from ci_publish.publish.options import PushOptions
from ci_publish.publish.retry import retried

BUSY = RegistryError("busy", transient=True)


def failing(times: int, error: Exception) -> Callable[[], str]:
    left = [error] * times

    def action() -> str:
        if left:
            raise left.pop()
        return "done"

    return action


def test_transient_failures_are_tried_again_and_told() -> None:
    told: list[str] = []
    result = retried(failing(3, BUSY), options=PushOptions(pace=0), on_retry=told.append)

    assert result == "done"
    assert told == ["busy"] * 3


@pytest.mark.parametrize("error", [SourceError("broken"), AuthError("denied"), RegistryError("no"), ValueError("bug")])
def test_other_failures_are_final(error: Exception) -> None:
    with pytest.raises(type(error)):
        retried(failing(1, error), options=PushOptions(pace=0))


def test_without_a_budget_there_is_one_try() -> None:
    with pytest.raises(RegistryError, match="busy"):
        retried(failing(1, BUSY), options=PushOptions(retry_for=0))


def test_the_registry_says_how_long_to_wait() -> None:
    pauses: list[float] = []
    asking = RegistryError("busy", transient=True, retry_after=7.5)
    retried(failing(2, asking), options=PushOptions(), sleep=pauses.append)

    assert pauses == [7.5, 7.5]


def test_a_pause_beyond_the_budget_ends_the_tries() -> None:
    asking = RegistryError("busy", transient=True, retry_after=500)

    with pytest.raises(RegistryError, match="busy"):
        retried(failing(1, asking), options=PushOptions(retry_for=120), sleep=lambda _: None)
