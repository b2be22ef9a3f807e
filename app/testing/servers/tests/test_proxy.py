"""The relay of the test kit passes bytes until it is told not to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture
def echo_port() -> Iterator[int]:
    """A server that says back what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _address = listener.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


def test_proxy_cuts_after_the_given_number_of_bytes(create_proxy, echo_port: int) -> None:
    proxy = create_proxy(echo_port)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as sock:
        sock.sendall(b"whole")
        assert sock.recv(100) == b"whole"
        proxy.cut_after(3)
        sock.sendall(b"broken")
        assert sock.recv(100) == b"bro"
        assert sock.recv(100) == b""


def test_proxy_can_fall_silent_without_closing(create_proxy, echo_port: int) -> None:
    proxy = create_proxy(echo_port)
    with socket.create_connection(("127.0.0.1", proxy.port), 0.5) as sock:
        proxy.be_silent()
        sock.sendall(b"anybody?")
        with pytest.raises(TimeoutError):
            sock.recv(100)
