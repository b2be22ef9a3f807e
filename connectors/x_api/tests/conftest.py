"""X as the fake has it, and clients for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.transport import create_session
from connectors.x_api import OAuth1Keys, OAuthEndpoints, UserToken, XApp, XClient


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **spans: float) -> None:
        """Let time pass: hours=2, days=1."""
        self.at += timedelta(**spans)


@pytest.fixture
def clock(fake_x: Any) -> Clock:
    """The time that the fake goes by."""
    fake_x.now = Clock()
    return fake_x.now


@pytest.fixture
def session() -> Any:
    """A session that tries nothing twice."""
    return create_session(retries=0)


@pytest.fixture
def app(fake_x: Any, clock: Clock) -> XApp:
    """The app that the fake knows."""
    return XApp(
        client_id=fake_x.client_id,
        client_secret=fake_x.client_secret,
        redirect_uri="https://inbox.example.com/plugins/twitter/callback",
        consumer_key=fake_x.consumer_key,
        consumer_secret=fake_x.consumer_secret,
        endpoints=OAuthEndpoints.at(fake_x.address, fake_x.address),
        now=clock,
    )


@pytest.fixture
def client(fake_x: Any, clock: Clock, session: Any) -> XClient:
    """A client with an OAuth 2.0 token."""
    token = fake_x.new_token()
    return XClient(UserToken(token.access), base_url=fake_x.address, session=session, now=clock)


@pytest.fixture
def signing_client(fake_x: Any, clock: Clock, session: Any) -> XClient:
    """A client with keys of OAuth 1.0a."""
    keys = OAuth1Keys(fake_x.consumer_key, fake_x.consumer_secret, *fake_x.new_oauth1_keys())
    return XClient(keys, base_url=fake_x.address, session=session, now=clock)
