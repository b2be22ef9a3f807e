"""Promises about saying what the provider holds: the same messages under the same keys as fetching gives, and nothing else."""

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.errors import Temporary
from app.plugin_api.inventory import Listed, ListedMail
from app.plugin_api.messages import InboundMessage, RawEvent
from app.plugin_api.testing.exchange import read_all, source_keys
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["InventoryPromises"]

PAGE = 1000
NOBODYS_KEY = "nothing:has:this:key"


class InventoryPromises(ChannelSubject):
    """`inventory`, `describe` and `fetch_listed`, beside `fetch`."""

    @applies(Capability.INVENTORY)
    def test_what_is_fetched_is_listed_once_under_the_same_key(self) -> None:
        events = self._fetch_two()
        listed = self._listed()
        keys = [one.source_key for one in listed]
        assert len(keys) == len(set(keys)), "a message is listed twice"
        assert source_keys(events) <= set(keys), "what was fetched is not listed, or under another source_key"
        assert all(one.place for one in listed), "a listed message does not say where it lies"

    @applies(Capability.INVENTORY)
    def test_what_was_not_fetched_yet_is_listed(self) -> None:
        self._fetch_two()
        before = {one.source_key for one in self._listed()}
        self.arrive()
        assert len({one.source_key for one in self._listed()} - before) == 1, "a message that waits is not listed"

    @applies(Capability.INVENTORY)
    def test_listed_messages_are_described_as_they_are(self) -> None:
        """Copies are recognised by the id and the size."""
        events = {event.source_key: event for event in self._fetch_two()}
        described = {mail.source_key: mail for mail in self._describe([*self._keys_of(events), NOBODYS_KEY])}
        assert described.keys() == events.keys(), "other messages were described than those asked for"
        for key, event in events.items():
            mail = described[str(key)]
            said = self.messages_of(event)
            ids = [one.external_id for one in said if isinstance(one, InboundMessage)]
            assert mail.external_id in ids, "a message is described with another external_id than it has"
            assert mail.size == len(event.payload), "a message is described with another size than it has"
            assert mail.received_at is None or mail.received_at.tzinfo, "a moment has no time zone"

    @applies(Capability.INVENTORY)
    def test_listed_messages_are_fetched_and_no_others(self) -> None:
        first, second, *_ = self._fetch_two()
        keys = [str(second.source_key), NOBODYS_KEY]
        account = self.with_cursor(self.cursor)
        (again,), cursor = read_all(self.channel.fetch_listed(account, keys), self.cursor)
        assert (again.source_key, again.payload) == (second.source_key, second.payload), "another message was fetched"
        assert cursor == self.cursor, "fetching from the inventory has moved the cursor"

    @applies(Capability.INVENTORY, fault="server_trouble")
    def test_trouble_while_listing_is_temporary(self) -> None:
        self._fetch_two()
        with self.fault("server_trouble"), pytest.raises(Temporary):
            self._listed()

    def _fetch_two(self) -> list[RawEvent]:
        self.arrive()
        self.arrive()
        events, self.cursor = read_all(self.channel.fetch(self.account))
        assert len(events) >= 2, "two messages wait and fewer came"
        return events

    def _listed(self) -> list[Listed]:
        pages = list(self.channel.inventory(self.with_cursor(self.cursor)))
        assert all(len(page) <= PAGE for page in pages), f"more than {PAGE} messages were listed at a time"
        return [one for page in pages for one in page]

    def _describe(self, keys: list[str]) -> list[ListedMail]:
        return list(self.channel.describe(self.with_cursor(self.cursor), keys))

    def _keys_of(self, events: dict[str | None, RawEvent]) -> list[str]:
        return [str(key) for key in events]
