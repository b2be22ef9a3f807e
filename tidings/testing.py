"""What tests of plugins import: the contract for channels, a host and a clock for tests, captured payloads."""

from app.plugin_api.testing import ChannelContract, FakeClock, FakeHost, load_fixture

__all__ = ["ChannelContract", "FakeClock", "FakeHost", "load_fixture"]
