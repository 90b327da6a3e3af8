"""The embedded registry: the whole distribution spec on the standard library, for `serve`, `demo` and the tests."""

from ci_publish.server.exchange import Answer, Call, Exchange, Gate, Log
from ci_publish.server.registry import EmbeddedRegistry

__all__ = ["Answer", "Call", "EmbeddedRegistry", "Exchange", "Gate", "Log"]
