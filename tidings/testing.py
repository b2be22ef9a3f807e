"""What tests of plugins import: the contract for channels, a host, a clock and providers for tests, captured payloads."""

from app.plugin_api.testing import (
    Answer,
    Asked,
    ChannelContract,
    FakeClock,
    FakeHost,
    FakeProvider,
    closed_network,
    import_from_folder,
    load_fixture,
    providers,
)

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
