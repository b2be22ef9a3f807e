"""Connections to the test servers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.imap_smtp import Auth, IMAPConnection, IMAPSettings, PasswordAuth


def imap_settings(
    user: Any, *, security: str = "tls", auth: Auth | None = None, port: int | None = None, timeout_s: float = 10.0
) -> IMAPSettings:
    """Return how to reach a test mailbox."""
    server = user.server
    return IMAPSettings(
        host="localhost" if security != "none" else "127.0.0.1",
        auth=auth or PasswordAuth(user.address, user.password),
        port=port or (server.tls_port if security == "tls" else server.port),
        security=security,  # type: ignore[arg-type]
        timeout_s=timeout_s,
    )


@pytest.fixture
def connect() -> Iterator[Callable[..., IMAPConnection]]:
    """Return a function that opens a connection to a test mailbox; all are closed after the test."""
    with contextlib.ExitStack() as opened:

        def open_connection(user: Any, **options: Any) -> IMAPConnection:
            settings = imap_settings(user, **options)
            return opened.enter_context(IMAPConnection(settings, ssl_context=user.server.client_context()))

        yield open_connection
