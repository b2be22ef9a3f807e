"""What tests of plugins need: the contract every channel keeps, a host, a clock and a provider that are held in the hand. See
`tidings.testing`."""

from app.plugin_api.testing import providers
from app.plugin_api.testing.clock import FakeClock
from app.plugin_api.testing.contract import ChannelContract
from app.plugin_api.testing.fixtures import load_fixture
from app.plugin_api.testing.host import FakeHost
from app.plugin_api.testing.importing import import_from_folder
from app.plugin_api.testing.network import closed_network
from app.plugin_api.testing.provider import Answer, Asked, FakeProvider

__all__ = [
    "Answer",
    "Asked",
    "ChannelContract",
    "FakeClock",
    "FakeHost",
    "FakeProvider",
    "closed_network",
    "import_from_folder",
    "load_fixture",
    "providers",
]
