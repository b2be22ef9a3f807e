"""Promises about completing events: what they only name is fetched, once and for all, and what is gone harms nothing."""

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.errors import ChannelError, NeedsReauth, PayloadError, Temporary
from app.plugin_api.messages import RawEvent
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["CompletionPromises"]


class CompletionPromises(ChannelSubject):
    """`complete`, for the sample events, for garbage, and while the provider is in trouble."""

    @applies(Capability.COMPLETE)
    def test_completing_brings_something_and_changes_nothing_the_second_time(self) -> None:
        """The worker may have died between completing an event and storing it."""
        has_brought = False
        for event in self.sample_events():
            once = self.channel.complete(self.account, event)
            assert once.source_key == event.source_key, "the completed event has another source_key"
            assert self.channel.complete(self.account, event) == once, "completing the same event gives another one"
            assert self.channel.complete(self.account, once) == once, "what is complete is changed again"
            has_brought = has_brought or once != event
        assert has_brought, "no sample event has anything to complete"

    @applies(Capability.COMPLETE, fault="gone")
    def test_what_is_gone_at_the_provider_is_left_out(self) -> None:
        """The message comes all the same, and is known again by a copy that could be completed."""
        for event in self.sample_events():
            whole = [(one.external_id, one.content_key) for one in self.messages_of(event)]
            with self.fault("gone"):
                completed = self.channel.complete(self.account, event)
            said = [(one.external_id, one.content_key) for one in self.messages_left_in(completed)]
            assert said == whole, "without what is gone it is another message"

    @applies(Capability.COMPLETE)
    def test_an_event_that_could_not_be_completed_is_the_same_message(self) -> None:
        """After a day of trouble the host translates it as it came."""
        for event in self.sample_events():
            whole = [(one.external_id, one.content_key) for one in self.messages_of(event)]
            bare = [(one.external_id, one.content_key) for one in self.messages_left_in(event)]
            assert bare == whole, "without what it names it is another message"

    @applies(Capability.COMPLETE)
    def test_garbage_is_not_completed(self) -> None:
        for payload in self.garbage:
            try:
                self.channel.complete(self.account, RawEvent(payload))
            except (ChannelError, PayloadError):
                continue

    @applies(Capability.COMPLETE, fault="server_trouble")
    def test_trouble_while_completing_is_temporary(self) -> None:
        with self.fault("server_trouble"), pytest.raises(Temporary):
            self._complete_all()

    @applies(Capability.COMPLETE, fault="expired_credential")
    def test_completing_with_an_expired_credential_needs_its_owner(self) -> None:
        with self.fault("expired_credential"), pytest.raises(NeedsReauth):
            self._complete_all()

    def _complete_all(self) -> None:
        for event in self.sample_events():
            self.channel.complete(self.account, event)
