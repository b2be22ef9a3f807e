"""Clients of the emulator and of the fake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.gmail import GmailClient, GoogleClient, OAuthEndpoints
from connectors.transport import ProviderSession, create_session


@pytest.fixture
def session() -> Iterator[ProviderSession]:
    """A session that tries everything once and waits three seconds at most."""
    with create_session(retries=0, connect_timeout_s=3, read_timeout_s=3) as session:
        yield session


@pytest.fixture
def emulated_gmail(emulate: Any, emulated_mailbox: Any, session: ProviderSession) -> GmailClient:
    """An empty mailbox on the emulator."""
    return GmailClient(session, lambda: emulated_mailbox.token, endpoint=emulate.url)


@pytest.fixture
def gmail(fake_gmail: Any, session: ProviderSession) -> GmailClient:
    """The mailbox of the fake, entered with a token that is good."""
    _refresh_token, access_token = fake_gmail.office.grant()
    return GmailClient(session, lambda: access_token, endpoint=fake_gmail.address)


@pytest.fixture
def emulated_application(emulate: Any) -> GoogleClient:
    """The application that the emulator knows."""
    endpoints = OAuthEndpoints(
        authorise=f"{emulate.url}/o/oauth2/v2/auth",
        token=f"{emulate.url}/oauth2/token",
        revoke=f"{emulate.url}/oauth2/revoke",
    )
    return GoogleClient(emulate.CLIENT_ID, emulate.CLIENT_SECRET, emulate.REDIRECT_URI, endpoints)


@pytest.fixture
def application(fake_gmail: Any) -> GoogleClient:
    """The application that the fake knows."""
    at = fake_gmail.address
    endpoints = OAuthEndpoints(f"{at}/authorise", f"{at}/token", f"{at}/revoke")
    office = fake_gmail.office
    return GoogleClient(office.client_id, office.client_secret, "https://inbox.example.test/return", endpoints)


def mail(number: int, *, date: str = "Tue, 03 Mar 2026 10:00:00 +0000", more: str = "") -> bytes:
    """A message with eight-bit text."""
    header = f"From: Ada <ada@example.com>\r\nTo: support@example.test\r\nSubject: Order {number}\r\nDate: {date}\r\n"
    return f"{header}Message-ID: <{number}@example.com>\r\n{more}\r\nGrüße ☃\r\n".encode()
