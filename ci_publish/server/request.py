"""A request as the verbs see it."""

from __future__ import annotations

from dataclasses import dataclass

from ci_publish.server.body import Body
from ci_publish.server.exchange import Call


@dataclass(frozen=True, slots=True)
class Request:
    """A call with its body."""

    call: Call
    body: Body
