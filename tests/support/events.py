"""Events to compute tags from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ci_publish.event import RefEvent, RepositoryFacts

SHA = "860c1904a1ce19322e91ac35af1ab07466440c37"
NOW = datetime(2026, 3, 5, 7, 8, 9, tzinfo=UTC)
COMMITTED = datetime(2025, 6, 30, 21, 45, 10, tzinfo=UTC)
FACTS = RepositoryFacts(
    full_name="acme/Widget",
    name="Widget",
    html_url="https://github.com/acme/Widget",
    description="Widgets as a service",
    license="Apache-2.0",
    default_branch="main",
)


def an_event(**facts: Any) -> RefEvent:
    """A push to `main`, but for what is given."""
    defaults: dict[str, Any] = {
        "kind": "push",
        "ref": "refs/heads/main",
        "sha": SHA,
        "now": NOW,
        "default_branch": "main",
        "commit_date": COMMITTED,
        "repository": FACTS,
    }
    return RefEvent(**(defaults | facts))
