"""A desk: X, a host whose clock is X's, and the channel of one account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import plugins.twitter
from plugins.twitter.tests.accounts import Desk, create_account, create_host, create_x
from tidings.testing import FakeClock


@pytest.fixture
def create_desk() -> Iterator[Callable[..., Desk]]:
    """Return a factory of desks: settings of the plugin by name, those of the account in `account`."""
    made: list[Desk] = []

    def create(*, account: dict[str, Any] | None = None, by_keys: bool = False, **settings: Any) -> Desk:
        clock = FakeClock()
        x = create_x(clock)
        host = create_host(x, create_account(x, by_keys=by_keys, **(account or {})), clock=clock, **settings)
        (channel,) = plugins.twitter.register_channels(host=host)
        made.append(Desk(x, clock, host, channel))
        return made[-1]

    yield create
    for desk in made:
        desk.x.close()


@pytest.fixture
def desk(create_desk: Callable[..., Desk]) -> Desk:
    """A desk with the usual settings."""
    return create_desk()
