"""A number of a Twilio on loopback, connected to a whole installation as an admin connects it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.config import Config
from app.plugin_api.testing.providers import FakeTwilio
from tests.integration.voip.shop import OURS, Shop
from tests.integration.web.conftest import sign_in, visitor  # noqa: F401 - fixtures are found by name
from tests.integration.web.visitor import Visitor


@pytest.fixture
def database_url(migrated_sqlite, tmp_path) -> str:
    """Which database it is plays no part here."""
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def twilio(clock) -> Iterator[FakeTwilio]:
    with FakeTwilio() as twilio:
        twilio.now = clock.now
        yield twilio


@pytest.fixture
def installation(installation: Config, twilio: FakeTwilio) -> Config:
    """Whoever runs it says that Twilio is at the fake's address."""
    return replace(installation, plugin_values={"voip_twilio_api_base": twilio.address})


@pytest.fixture
def admin(sign_in: Callable[..., Visitor]) -> Visitor:  # noqa: F811 - the fixture of that name
    return sign_in("Root", role="admin")


@pytest.fixture
def shop(core, twilio: FakeTwilio, admin: Visitor) -> Shop:
    """A shop with one number, connected."""
    shop = Shop(core, twilio, admin)
    twilio.add_number(OURS, "Support")
    shop.connect()
    return shop
