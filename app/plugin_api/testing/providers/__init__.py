"""Providers for tests that keep state and answer as the real ones document it. Offered as `tidings.testing.providers`."""

from app.plugin_api.testing.providers.gmail import FakeGmail, StoredMessage

__all__ = ["FakeGmail", "StoredMessage"]
