"""What pytest learns from Tidings for tests of plugins: fixtures, and that a folder with a manifest is a plugin.

Such a folder is imported as `tidings_plugin_<name>`, installed or not, so that its tests run where it stands.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.plugin_api.testing.clock import FakeClock
from app.plugin_api.testing.host import FakeHost
from app.plugin_api.testing.importing import import_from_folder, is_plugin_folder
from app.plugin_api.testing.provider import FakeProvider
from app.plugin_api.testing.providers.gmail import FakeGmail
from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph
from app.plugin_api.testing.providers.twilio import FakeTwilio
from app.plugin_api.testing.providers.x_api import FakeX

__all__ = [
    "create_fake_host",
    "fake_clock",
    "fake_gmail",
    "fake_meta_graph",
    "fake_provider",
    "fake_x",
    "fake_twilio",
    "pytest_collect_directory",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A plugin's folder is collected as a plain folder: pytest itself would import it under the folder's own name."""
    if not is_plugin_folder(path):
        return None
    try:
        import_from_folder(path)
    except (OSError, ValueError, KeyError):  # whatever is wrong with its manifest, a test of its own says it better
        return None
    return pytest.Dir.from_parent(parent, path=path)


@pytest.fixture
def fake_provider() -> Iterator[FakeProvider]:
    """A provider on loopback that answers nothing yet."""
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def fake_gmail() -> Iterator[FakeGmail]:
    """Gmail on loopback, with one empty mailbox."""
    with FakeGmail() as gmail:
        yield gmail


@pytest.fixture
def fake_meta_graph() -> Iterator[FakeMetaGraph]:
    """Meta's Graph API on loopback, without pages, people or a callback yet."""
    with FakeMetaGraph() as graph:
        yield graph


@pytest.fixture
def fake_twilio() -> Iterator[FakeTwilio]:
    """Twilio on loopback, with one account that has no numbers yet."""
    with FakeTwilio() as twilio:
        yield twilio


@pytest.fixture
def fake_x() -> Iterator[FakeX]:
    """X on loopback, with one account and nobody else yet."""
    with FakeX() as x:
        yield x


@pytest.fixture
def fake_clock() -> FakeClock:
    """A clock that stands still until it is told to tick."""
    return FakeClock()


@pytest.fixture
def create_fake_host(fake_clock: FakeClock) -> Callable[..., FakeHost]:
    """Return a factory of hosts whose clock is `fake_clock`; takes what `FakeHost` takes."""

    def create(plugin: str, *arguments: object, **options: object) -> FakeHost:
        return FakeHost(plugin, *arguments, **{"clock": fake_clock, **options})  # type: ignore[arg-type]

    return create
