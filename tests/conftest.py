"""Fixtures that several packages' tests use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.registry import WatchedRegistry, running_registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[WatchedRegistry]:
    """A registry of the test's own, empty and without authentication."""
    with running_registry(tmp_path) as running:
        yield running
