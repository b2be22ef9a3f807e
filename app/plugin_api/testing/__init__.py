"""What tests of plugins need: the contract every channel keeps, a host and a clock that are held in the hand. See `tidings.testing`."""

from app.plugin_api.testing.clock import FakeClock
from app.plugin_api.testing.contract import ChannelContract
from app.plugin_api.testing.fixtures import load_fixture
from app.plugin_api.testing.host import FakeHost

__all__ = ["ChannelContract", "FakeClock", "FakeHost", "load_fixture"]
