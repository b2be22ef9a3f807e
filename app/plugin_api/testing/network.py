"""A closed network, for what must not ask anybody."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["closed_network"]


@contextmanager
def closed_network() -> Iterator[None]:
    """Sockets cannot be connected or bound, names not looked up."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used where nothing may be sent or asked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        patch.setattr(socket.socket, "bind", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield
