"""The listening socket, with a thread for each connection."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable

_BACKLOG = 128


class Listener:
    """Accepts connections until it is stopped; every thread and socket is gone then.

    Args:
        host: name or address to listen on.
        port: 0 for any that is free.
        serve: serves one connection, and returns when it is at its end.

    Raises:
        OSError: the port is taken, or the host is none of this machine.
    """

    def __init__(self, host: str, port: int, *, serve: Callable[[socket.socket], None]) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._socket.settimeout(0)
        self._stop_sender, self._stop_receiver = socket.socketpair()
        self._serve = serve
        self._clients: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, name="registry-accept", daemon=True)
        self._acceptor.start()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self._socket.getsockname()[1]
        return port

    def stop(self, *, grace_seconds: float) -> None:
        """Take no more requests, let those begun finish, and return when all threads have ended.

        Args:
            grace_seconds: after so long, requests that are still running lose their connection.
        """
        self._stop_sender.send(b"\0")
        self._acceptor.join()
        for opened in (self._socket, self._stop_sender, self._stop_receiver):
            opened.close()
        deadline = time.monotonic() + grace_seconds
        # no more can be read, so idle connections end at once; answers still go out
        self._shut_down(socket.SHUT_RD)
        for thread in self._threads():
            thread.join(max(0.0, deadline - time.monotonic()))
        self._shut_down(socket.SHUT_RDWR)
        for thread in self._threads():
            thread.join()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._stop_receiver, selectors.EVENT_READ)
            while self._stop_receiver not in {key.fileobj for key, _ in selector.select()}:
                self._accept_one()

    def _accept_one(self) -> None:
        try:
            client, _ = self._socket.accept()
        except BlockingIOError:
            return  # the client has left already
        except OSError:
            # out of descriptors: the client waits in the backlog until connections have ended
            time.sleep(0.05)
            return
        thread = threading.Thread(target=self._run, args=(client,), name="registry-connection", daemon=True)
        with self._lock:
            self._clients[thread] = client
        thread.start()

    def _run(self, client: socket.socket) -> None:
        try:
            self._serve(client)
        finally:
            with self._lock:
                del self._clients[threading.current_thread()]
                client.close()

    def _threads(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._clients)

    def _shut_down(self, how: int) -> None:
        with self._lock:
            for client in self._clients.values():
                with contextlib.suppress(OSError):  # the client was faster
                    client.shutdown(how)
