"""Promises about webhooks: requests of the provider, and of those who pretend to be it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.errors import BadSignature, PayloadError, UnsupportedEvent
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["WebhookPromises"]


class WebhookPromises(ChannelSubject):
    """Requests of the provider, and of those who pretend to be it."""

    @applies(Capability.WEBHOOK)
    def test_a_signed_request_is_taken_and_can_be_read(self) -> None:
        request = self.signed_request()
        self.channel.verify_webhook(self.account, request)
        reply = self.channel.receive_webhook(self.account, request)
        assert 200 <= reply.status < 300, f"the provider is told {reply.status}"
        assert reply.events, "nothing is kept of the request"
        assert [one for event in reply.events for one in self.messages_of(event)], "it says nothing"

    @applies(Capability.WEBHOOK)
    def test_a_request_that_was_changed_is_refused(self) -> None:
        request = self.signed_request()
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(self.account, replace(request, body=request.body + b" "))

    @applies(Capability.WEBHOOK)
    def test_a_request_without_a_signature_is_refused(self) -> None:
        kept = {"content-type": "application/json"}
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(self.account, replace(self.signed_request(), headers=kept, query={}))

    @applies(Capability.WEBHOOK)
    def test_a_request_signed_with_another_secret_is_refused(self) -> None:
        request = self.signed_request()
        assert self.account.secrets, "webhooks are verified with a secret, and the account has none"
        other = replace(self.account, secrets={key: f"{value}x" for key, value in self.account.secrets.items()})
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(other, request)
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(replace(self.account, secrets={}), request)

    @applies(Capability.WEBHOOK, differs="sign_webhook")
    def test_a_request_is_signed_as_the_provider_does(self) -> None:
        """What `tidings plugin replay` sends is taken, and its signature says nothing of the secret."""
        request = self.request_with(self.webhook_body(self.sample_events()[0]))
        self.channel.verify_webhook(self.account, request)
        for secret in self.account.secrets.values():
            assert secret not in repr(dict(request.headers)) + request.url, "the secret itself is sent"

    @applies(Capability.WEBHOOK, differs="sign_webhook")
    def test_requests_in_another_order_give_the_same_messages(self) -> None:
        bodies = [self.webhook_body(event) for event in self.sample_events()]
        forwards, backwards = (self._said_by(order) for order in (bodies, bodies[::-1]))
        assert len(forwards) >= 2, "sample_events gives too little to put in another order"
        assert sorted(forwards) == sorted(backwards), "what is read depends on the order of the requests"

    @applies(Capability.WEBHOOK, overrides="unsupported_events", differs="sign_webhook")
    def test_a_signed_event_that_is_not_for_us_is_answered(self) -> None:
        """Not refused, or the provider would send it again and again; the host counts it."""
        for event in self.unsupported_events():
            request = self.request_with(self.webhook_body(event))
            self.channel.verify_webhook(self.account, request)
            try:
                status = self.channel.receive_webhook(self.account, request).status
            except UnsupportedEvent:
                continue
            assert 200 <= status < 300, f"the provider is told {status}"

    @applies(Capability.WEBHOOK, differs="sign_webhook")
    def test_a_signed_request_that_cannot_be_read_is_no_fault_of_the_plugin(self) -> None:
        for payload in self.garbage:
            request = self.request_with(payload)
            try:
                self.channel.verify_webhook(self.account, request)
                self.channel.receive_webhook(self.account, request)
            except PayloadError:
                continue

    @applies(Capability.WEBHOOK)
    def test_a_replayed_request_gives_the_same_messages(self) -> None:
        request = self.signed_request()
        first, again = (
            [
                (message.external_id, message.content_key)
                for event in self.channel.receive_webhook(self.account, request).events
                for message in self.messages_of(event)
            ]
            for _ in range(2)
        )
        assert first == again, "a request that is sent twice would be stored twice"

    def _said_by(self, bodies: Sequence[bytes]) -> list[tuple[str, str]]:
        """(external id, content key) of the messages of requests, to a channel that has seen none before."""
        channel = self.create_channel(self.host)
        return [
            (message.external_id, message.content_key)
            for body in bodies
            for event in channel.receive_webhook(self.account, self.request_with(body)).events
            for message in self.messages_of(event, channel)
        ]
