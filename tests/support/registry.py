"""The embedded registry under test: it remembers what it was asked, and fails when it is told to."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ci_publish.server import Answer, Call, EmbeddedRegistry, Exchange, Gate

# How long `exchanges` waits for requests that are still running.
_PATIENCE_SECONDS = 5.0


class WatchedRegistry:
    """A registry whose exchanges can be read and whose answers can be spoilt.

    Args:
        storage: its folder.
        gate: asked before each request that is not spoilt, as an authenticating registry would be.
    """

    def __init__(self, storage: Path, *, gate: Gate | None = None) -> None:
        self.storage = storage
        self.server = EmbeddedRegistry(storage=storage, gate=self._admit, log=self._note)
        self._gate = gate
        self._faults: list[tuple[str, re.Pattern[str], Answer]] = []
        self._exchanges: list[Exchange] = []
        self._running = 0
        self._changed = threading.Condition()

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return self.server.address

    @property
    def url(self) -> str:
        """`http://HOST:PORT`."""
        return f"http://{self.address}"

    @property
    def exchanges(self) -> list[Exchange]:
        """All exchanges so far, in the order in which they ended.

        A client may have its answer before the exchange is noted, so this waits for requests that are running.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0, timeout=_PATIENCE_SECONDS)
            return list(self._exchanges)

    def asked(self, method: str, path_pattern: str = "") -> list[Exchange]:
        """The exchanges of this method in whose path the regular expression is found."""
        return [each for each in self.exchanges if each.method == method and re.search(path_pattern, each.path)]

    def forget(self) -> None:
        """Start `exchanges` anew."""
        assert self.exchanges is not None
        with self._changed:
            self._exchanges.clear()

    def fail_next(
        self,
        method: str,
        path_pattern: str,
        status: int,
        times: int = 1,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b'{"errors":[{"code":"UNKNOWN","message":"told to fail"}]}',
    ) -> None:
        """Answer the next requests of this method, in whose path the regular expression is found, with an error."""
        fault = (method, re.compile(path_pattern), Answer(status, headers or {}, body))
        with self._changed:
            self._faults += [fault] * times

    def _admit(self, call: Call) -> Answer | None:
        with self._changed:
            self._running += 1
            for fault in self._faults:
                method, pattern, answer = fault
                if method == call.method and pattern.search(call.path):
                    self._faults.remove(fault)
                    return answer
        return self._gate(call) if self._gate else None

    def _note(self, exchange: Exchange) -> None:
        with self._changed:
            self._exchanges.append(exchange)
            self._running -= 1
            self._changed.notify_all()


@contextmanager
def running_registry(folder: Path, *, gate: Gate | None = None) -> Iterator[WatchedRegistry]:
    """A watched registry that runs inside the block.

    Args:
        folder: where `storage` is made; a later call with the same folder continues it.
        gate: as of `EmbeddedRegistry`.
    """
    registry = WatchedRegistry(folder / "registry-storage", gate=gate)
    with registry.server:
        yield registry
