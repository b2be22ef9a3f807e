"""A TCP relay that breaks on command: cuts after so many bytes, goes silent, slows down."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from typing import Self

_CHUNK = 16384


class FaultyProxy:
    """Stands between a client and a loopback server; connect to `port`. Faults act on open connections too."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.delay_s = 0.0
        self._target = ("127.0.0.1", target_port)
        self._budget: int | None = None
        self._is_silent = False
        self._is_closed = False
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="faulty-proxy", daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._is_closed = True
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Break all connections at once with a reset."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for sock in pair:
                _reset(sock)

    def cut_after(self, byte_count: int) -> None:
        """Let this many more bytes pass from the server to clients, then break the connection they are in."""
        self._budget = byte_count

    def be_silent(self) -> None:
        """From now on let nothing through, but keep connections open: a path that drops packets."""
        self._is_silent = True

    def behave(self) -> None:
        """Forget all faults."""
        self._budget, self._is_silent, self.delay_s = None, False, 0.0

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _address = self._listener.accept()
                server = socket.create_connection(self._target, 5)
            except OSError:
                continue
            with self._lock:
                self._pairs.add((client, server))
            threading.Thread(target=self._relay, args=(client, server), daemon=True).start()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self._pass_on(client, server):
                pass
        with self._lock:
            self._pairs.discard((client, server))
        for sock in (client, server):
            _reset(sock)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> bool:
        """Relay what is ready; return false when the connection is to end."""
        if self._is_silent:
            time.sleep(0.02)
            return not self._is_closed
        for ready in select.select([client, server], [], [], 0.05)[0]:
            data = ready.recv(_CHUNK)
            if not data:
                return False
            time.sleep(self.delay_s)
            if not self._forward(data, to_client=ready is server, target=client if ready is server else server):
                return False
        return True

    def _forward(self, data: bytes, *, to_client: bool, target: socket.socket) -> bool:
        if not to_client or self._budget is None:
            target.sendall(data)
            return True
        allowed, self._budget = data[: self._budget], max(0, self._budget - len(data))
        target.sendall(allowed)
        if len(allowed) == len(data):
            return True
        self._budget = None
        return False


def _reset(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
