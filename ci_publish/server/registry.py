"""The embedded registry: storage, verbs and sockets put together."""

from __future__ import annotations

import socket
import sqlite3
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from ci_publish.errors import UsageError
from ci_publish.server.connection import Connection
from ci_publish.server.exchange import Answer, Gate, Log
from ci_publish.server.listener import Listener
from ci_publish.server.refusal import Refusal
from ci_publish.server.request import Request
from ci_publish.server.routes import dispatch
from ci_publish.server.storage import Storage

_GRACE_SECONDS = 3.0


class EmbeddedRegistry:
    """A registry of the OCI distribution spec v1.1 that runs in this process.

    As a context manager it runs inside the block.

    Args:
        storage: the folder that holds everything; made when missing, and read again when it was used before.
        host: address to listen on.
        port: port to listen on; 0 for any that is free.
        gate: asked before each request; its answer, if any, is sent instead of the registry's.
        log: told of each request after it was answered, from several threads.
    """

    def __init__(
        self, *, storage: Path, host: str = "127.0.0.1", port: int = 0, gate: Gate | None = None, log: Log | None = None
    ) -> None:
        self._folder = storage
        self._host = host
        self._port = port
        self._gate = gate
        self._log = log
        self._storage: Storage | None = None
        self._listener: Listener | None = None
        self._stopped = threading.Event()

    @property
    def address(self) -> str:
        """`HOST:PORT`, with the port that was chosen once it runs."""
        port = self._listener.port if self._listener else self._port
        return f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    def start(self) -> None:
        """Answer requests from now on, in threads of its own.

        Raises:
            UsageError: the port is taken, or the storage folder is in use or holds something else.
        """
        if self._listener:
            return
        self._stopped.clear()
        self._storage = Storage(self._folder)
        try:
            self._listener = Listener(self._host, self._port, serve=self._serve)
        except OSError as error:
            self._storage.close()
            self._storage = None
            raise UsageError(
                f"cannot listen on {self.address}: {error.strerror or error}",
                hint="give another port with --port, or 0 for any that is free",
            ) from None

    def stop(self) -> None:
        """Let the requests that have begun finish, for a moment, and release port and folder."""
        if self._listener:
            self._listener.stop(grace_seconds=_GRACE_SECONDS)
            self._listener = None
        if self._storage:
            self._storage.close()
            self._storage = None
        self._stopped.set()

    def serve_forever(self) -> None:
        """Run until `stop` is called from another thread, or an exception, such as Ctrl-C's, ends the wait."""
        self.start()
        try:
            self._stopped.wait()
        finally:
            self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self, client: socket.socket) -> None:
        Connection(client, handle=self._handle, log=self._log).serve()

    def _handle(self, request: Request) -> Answer:
        if self._gate and (answer := self._gate(request.call)):
            return answer
        if self._storage is None:
            raise Refusal("UNKNOWN", "the registry is stopping", status=503)
        try:
            return dispatch(self._storage, request)
        except (OSError, sqlite3.Error) as error:
            raise Refusal("UNKNOWN", f"the storage failed: {error}") from error
