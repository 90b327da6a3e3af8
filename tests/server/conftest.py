from collections.abc import Iterator

import httpx
import pytest

from tests.support.registry import WatchedRegistry


@pytest.fixture
def client(registry: WatchedRegistry) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=registry.url) as opened:
        yield opened
