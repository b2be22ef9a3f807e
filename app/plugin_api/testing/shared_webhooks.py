"""Promises about the webhook that all accounts share: requests of the provider, and of those who pretend to be it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from app.plugin_api.channel import Capability, Channel
from app.plugin_api.errors import BadSignature, PayloadError
from app.plugin_api.messages import RawEvent, WebhookRequest
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["SharedWebhookPromises"]

_SHARED = Capability.SHARED_WEBHOOK


class SharedWebhookPromises(ChannelSubject):
    """Requests at the address that all accounts share. Their secret is among `plugin_settings`."""

    @applies(_SHARED, only_wakes=False)
    def test_a_signed_shared_request_is_taken_and_can_be_read(self) -> None:
        request = self.signed_shared_request()
        self.channel.verify_shared_webhook(request)
        reply = self.channel.receive_shared_webhook(request)
        assert 200 <= reply.status < 300, f"the provider is told {reply.status}"
        assert {one.account_id for one in reply.events} == {self.account.id}, "its account does not get it"
        assert [one for event in reply.events for one in self.messages_of(event.event)], "it says nothing"

    @applies(_SHARED, only_wakes=False)
    def test_a_shared_request_that_was_changed_is_refused(self) -> None:
        request = self.signed_shared_request()
        with pytest.raises(BadSignature):
            self.channel.verify_shared_webhook(replace(request, body=request.body + b" "))

    @applies(_SHARED)
    def test_a_shared_request_without_a_signature_is_refused(self) -> None:
        kept = {"content-type": "application/json"}
        with pytest.raises(BadSignature):
            self.channel.verify_shared_webhook(replace(self.signed_shared_request(), headers=kept, query={}))

    @applies(_SHARED)
    def test_a_shared_request_signed_with_another_secret_is_refused(self) -> None:
        request = self.signed_shared_request()
        assert self.plugin_settings, "the webhook is verified with a secret of the plugin, and plugin_settings has none"
        for channel in (self._channel_with("x"), self._channel_with(None)):
            with pytest.raises(BadSignature):
                channel.verify_shared_webhook(request)

    @applies(_SHARED, differs="sign_shared_webhook")
    def test_a_shared_request_is_signed_as_the_provider_does(self) -> None:
        """What `tidings plugin replay` sends is taken, and its signature says nothing of the secret."""
        request = self.shared_request_with(self.shared_webhook_body(self.sample_events()[0]))
        self.channel.verify_shared_webhook(request)
        for secret in filter(None, self._secrets()):
            assert secret not in repr(dict(request.headers)) + request.url, "the secret itself is sent"

    @applies(_SHARED, differs="sign_shared_webhook")
    def test_shared_requests_in_another_order_give_the_same_messages(self) -> None:
        bodies = [self.shared_webhook_body(event) for event in self.sample_events()]
        forwards, backwards = (self._said_by_shared(order) for order in (bodies, bodies[::-1]))
        assert len(forwards) >= 2, "sample_events gives too little to put in another order"
        assert sorted(forwards) == sorted(backwards), "what is read depends on the order of the requests"

    @applies(_SHARED, differs="sign_shared_webhook")
    def test_a_signed_shared_request_that_cannot_be_read_is_no_fault_of_the_plugin(self) -> None:
        for payload in self.garbage:
            request = self.shared_request_with(payload)
            try:
                self.channel.verify_shared_webhook(request)
                self.channel.receive_shared_webhook(request)
            except PayloadError:
                continue

    @applies(_SHARED)
    def test_a_shared_request_that_is_sent_twice_gives_the_same_events(self) -> None:
        first, again = (self._events_of(self.signed_shared_request()) for _ in range(2))
        assert [one.source_key for one in first] == [one.source_key for one in again], "it would be stored twice"
        assert self._keys(self.channel, first) == self._keys(self.channel, again), "it would be shown twice"

    @applies(_SHARED, only_wakes=False)
    def test_what_is_for_a_paused_account_is_kept(self) -> None:
        """The provider would not send it again for that account alone: ask `host.accounts(with_paused=True)`."""
        request = self.signed_shared_request()
        self.host.paused.add(self.account.id)
        assert self._events_of(request), "what arrives while the account is paused is lost"

    @applies(_SHARED)
    def test_what_is_for_nobody_here_is_answered(self) -> None:
        """An account that was removed here may be connected at the provider still."""
        request = self.signed_shared_request()
        settings = {key: f"{one}0" if isinstance(one, str) else one for key, one in self.account.settings.items()}
        other = replace(self.account, id=self.account.id + 1, address=f"{self.account.address}0", settings=settings)
        reply = self.create_channel(self.create_host(other)).receive_shared_webhook(request)
        assert 200 <= reply.status < 300, f"the provider is told {reply.status}, and sends it again and again"
        assert not reply.events, "an account gets what is for another one"

    @applies(_SHARED, only_wakes=True)
    def test_a_signed_shared_request_wakes_its_account_and_no_other(self) -> None:
        request = self.signed_shared_request()
        for _ in range(2):
            self.channel.verify_shared_webhook(request)
            reply = self.channel.receive_shared_webhook(request)
            assert 200 <= reply.status < 300, f"the provider is told {reply.status}"
            assert not reply.events, "something is stored although it brings nothing"
        assert set(self.host.woken) == {self.account.id}, "its account is not fetched"

    def _events_of(self, request: WebhookRequest) -> list[RawEvent]:
        return [one.event for one in self.channel.receive_shared_webhook(request).events]

    def _channel_with(self, suffix: str | None) -> Channel:
        """The channel of a plugin whose secrets are others, or that has none."""
        host = self.create_host(self.account)
        for key, value in self.plugin_settings.items():
            if isinstance(value, str):
                host.settings[key] = "" if suffix is None else value + suffix
        return self.create_channel(host)

    def _secrets(self) -> Iterable[str]:
        return [value for value in self.plugin_settings.values() if isinstance(value, str) and len(value) >= 8]

    def _said_by_shared(self, bodies: Sequence[bytes]) -> list[tuple[str, str]]:
        """(external id, content key) of the messages of requests, to a channel that has seen none before."""
        channel = self.create_channel(self.host)
        replies = [channel.receive_shared_webhook(self.shared_request_with(body)) for body in bodies]
        return self._keys(channel, [one.event for reply in replies for one in reply.events])

    def _keys(self, channel: Channel, events: Iterable[RawEvent]) -> list[tuple[str, str]]:
        return [(one.external_id, one.content_key) for event in events for one in self.messages_of(event, channel)]
