"""The fake Gmail's mailbox, connected to a whole installation as an admin connects it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.config import Config
from app.plugin_api.testing.providers import FakeGmail
from tests.integration.gmail.desk import Desk
from tests.integration.mailbox.conftest import RunningClock
from tests.integration.web.conftest import sign_in, visitor  # noqa: F401 - fixtures are found by name
from tests.integration.web.visitor import Visitor


@pytest.fixture
def clock() -> RunningClock:
    return RunningClock()


@pytest.fixture
def database_url(migrated_sqlite, tmp_path) -> str:
    """Which database it is plays no part here."""
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def gmail() -> Iterator[FakeGmail]:
    with FakeGmail() as gmail:
        yield gmail


@pytest.fixture
def installation(installation: Config, gmail: FakeGmail) -> Config:
    """Whoever runs it says that Google is at the fake's address; answers leave at once."""
    at = gmail.address
    addresses = {
        "gmail_api_base": at,
        "gmail_authorise_url": f"{at}/authorise",
        "gmail_token_url": f"{at}/token",
        "gmail_revoke_url": f"{at}/revoke",
        "gmail_certificates_url": f"{at}/oauth2/v1/certs",
    }
    return replace(installation, plugin_values=addresses, undo_s=0)


@pytest.fixture
def admin(sign_in: Callable[..., Visitor]) -> Visitor:  # noqa: F811 - the fixture of that name
    return sign_in("Root", role="admin")


@pytest.fixture
def empty_desk(core: Any, gmail: FakeGmail, admin: Visitor, create_agent: Callable[..., Any]) -> Desk:
    """A desk without any mailbox."""
    return Desk(core, gmail, admin, create_agent("Lea"))


@pytest.fixture
def desk(empty_desk: Desk) -> Desk:
    """A desk whose mailbox was connected and looked into once."""
    empty_desk.enter_pushes()
    empty_desk.connect()
    empty_desk.fetch()
    return empty_desk
