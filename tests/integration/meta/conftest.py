"""A whole installation whose providers are the fake Graph API, and a page that is connected as an admin connects it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.config import Config
from app.plugin_api.testing.providers import FakeMetaGraph
from tests.integration.meta.business import Business
from tests.integration.web.conftest import sign_in, visitor  # noqa: F401 - fixtures are found by name
from tests.integration.web.visitor import Visitor


@pytest.fixture
def database_url(migrated_sqlite, tmp_path) -> str:
    """Which database it is plays no part here."""
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def graph(clock) -> Iterator[FakeMetaGraph]:
    with FakeMetaGraph(now=clock.now) as graph:
        yield graph


@pytest.fixture
def installation(installation: Config, graph: FakeMetaGraph) -> Config:
    """Whoever runs it says that Meta is at the fake's address."""
    plugins, bases = ("facebook", "instagram", "whatsapp"), ("api_base", "dialog_base")
    addresses = {f"{plugin}_{base}": graph.address for plugin in plugins for base in bases}
    return replace(installation, plugin_values=addresses)


@pytest.fixture
def admin(sign_in: Callable[..., Visitor]) -> Visitor:  # noqa: F811 - the fixture of that name
    return sign_in("Root", role="admin")


@pytest.fixture
def business(core, graph: FakeMetaGraph, admin: Visitor) -> Business:
    """A shop with one page, connected, and a person who can write to it."""
    business = Business(core, graph, admin)
    business.enter_app()
    business.connect(graph.add_page("Corner Shop"))
    return business
