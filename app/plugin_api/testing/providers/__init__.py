"""Providers for tests that keep state and answer as the real ones document it. Offered as `tidings.testing.providers`."""

from app.plugin_api.testing.providers.gmail import FakeGmail, StoredMessage
from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph
from app.plugin_api.testing.providers.twilio import FakeTwilio
from app.plugin_api.testing.providers.x_api import FakeX

__all__ = ["FakeGmail", "FakeMetaGraph", "FakeTwilio", "FakeX", "StoredMessage"]
