"""An account of the fake X, connected to a whole installation as an admin connects it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.config import Config
from app.plugin_api.testing.providers import FakeX
from tests.integration.twitter.shop import Shop
from tests.integration.web.conftest import sign_in, visitor  # noqa: F401 - fixtures are found by name
from tests.integration.web.visitor import Visitor


@pytest.fixture
def database_url(migrated_sqlite, tmp_path) -> str:
    """Which database it is plays no part here."""
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def x(clock) -> Iterator[FakeX]:
    with FakeX(now=clock.now) as x:
        yield x


@pytest.fixture
def installation(installation: Config, x: FakeX) -> Config:
    """Whoever runs it says that X is at the fake's address."""
    addresses = {"twitter_api_base": x.address, "twitter_site_base": x.address, "twitter_media_base": x.address}
    return replace(installation, plugin_values=addresses)


@pytest.fixture
def admin(sign_in: Callable[..., Visitor]) -> Visitor:  # noqa: F811 - the fixture of that name
    return sign_in("Root", role="admin")


@pytest.fixture
def shop(core, x: FakeX, admin: Visitor) -> Shop:
    """A shop whose account is connected."""
    shop = Shop(core, x, admin)
    shop.enter_app()
    shop.sign_in()
    return shop
