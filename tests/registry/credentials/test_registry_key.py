from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.registry.credentials.registry_key import canonical_key, matches, server_key


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("ghcr.io", "ghcr.io"),
        ("HTTPS://GHCR.io/anything/at/all", "ghcr.io"),
        ("ghcr.io/owner/image/", "ghcr.io/owner/image"),
        ("registry-1.docker.io", "docker.io"),
        ("docker.io/me", "docker.io/me"),
        ("localhost:5000/v2/", "localhost:5000"),
        ("", ""),
    ],
)
def test_one_spelling_for_many(key: str, canonical: str) -> None:
    assert canonical_key(key) == canonical


@given(st.text())
def test_the_canonical_spelling_is_its_own(key: str) -> None:
    assert canonical_key(canonical_key(key)) == canonical_key(key)


def test_the_key_that_docker_writes_is_found_again() -> None:
    for host in ("docker.io", "ghcr.io", "localhost:5000"):
        assert canonical_key(server_key(host)) == host


def test_entries_come_in_the_order_of_the_names() -> None:
    entries = {"https://a.example": 1, "b.example/x": 2, "b.example": 3, "a.example": 4}
    assert [entry for _, entry in matches(entries, ("b.example/x", "a.example"))] == [2, 1, 4]
