"""Providers for tests that keep state and answer as the real ones document it. Offered as `tidings.testing.providers`."""

from app.plugin_api.testing.providers.gmail import FakeGmail, StoredMessage
from app.plugin_api.testing.providers.meta_graph import FakeMetaGraph

__all__ = ["FakeGmail", "FakeMetaGraph", "StoredMessage"]
