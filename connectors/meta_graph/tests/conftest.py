"""A page of the fake Graph API, and clients for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.meta_graph import GraphClient, MetaApp
from connectors.transport import create_session


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
def clock(fake_meta_graph: Any) -> Clock:
    """The time that the fake goes by."""
    fake_meta_graph.now = Clock()
    return fake_meta_graph.now


@pytest.fixture
def app(fake_meta_graph: Any, clock: Clock) -> MetaApp:
    """The app that the fake knows; nothing is tried twice."""
    return MetaApp(
        fake_meta_graph.app_id,
        fake_meta_graph.app_secret,
        base_url=fake_meta_graph.address,
        dialog_url=fake_meta_graph.address,
        session=create_session(retries=0),
        now=clock,
    )


@pytest.fixture
def page(fake_meta_graph: Any, clock: Clock) -> Any:
    """A page as the fake keeps it, linked to an Instagram account and subscribed to nothing."""
    return fake_meta_graph.add_page("Corner Shop", instagram=True)


@pytest.fixture
def client(app: MetaApp, page: Any) -> GraphClient:
    """A client with the page's token."""
    return app.client(page.token)
