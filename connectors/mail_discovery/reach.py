"""Reaching other machines while looking for mail servers: which ports, whom to trust, and connections that end when their time is over."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.mail_discovery.records import Resolver

__all__ = ["Ports", "Reach", "connected"]


@dataclass(frozen=True)
class Ports:
    """Where services are looked for that name no port (RFC 8314 and before)."""

    https: int = 443
    imap_tls: int = 993
    imap_starttls: int = 143
    smtp_tls: int = 465
    smtp_starttls: int = 587


@dataclass(frozen=True)
class Reach:
    """What a search may use. `timeout_s` bounds each connection as a whole, however slowly the other side speaks."""

    resolver: Resolver = field(default_factory=Resolver)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    ports: Ports = Ports()
    timeout_s: float = 4.0

    def secured(self, sock: socket.socket, host: str) -> ssl.SSLSocket:
        """The connection in TLS, with a certificate for `host`."""
        return self.tls.wrap_socket(sock, server_hostname=host)


@contextlib.contextmanager
def connected(address: str, port: int, timeout_s: float) -> Iterator[socket.socket]:
    """A TCP connection that is closed at the end and cut after `timeout_s`: who sends a byte a second must not hold us. Raises OSError."""
    sock = socket.create_connection((address, port), timeout_s)
    # A copy of the descriptor: TLS takes the first one over, and a number that was closed may be somebody else's already.
    handle = sock.dup()
    timer = threading.Timer(timeout_s, _cut, (handle,))
    timer.daemon = True
    timer.start()
    try:
        yield sock
    finally:
        timer.cancel()
        timer.join()
        sock.close()
        handle.close()


def _cut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
