"""Echo keeps the contract of channels."""

import json

import pytest

from plugins.echo.channel import EchoChannel
from tidings import Account, BadSignature, OutboundMessage, RawEvent, SendReceipt, WebhookRequest
from tidings.testing import ChannelContract, load_fixture

SECRET = "a secret of the tests"
META = {"received_at": "2026-01-02T03:04:05+00:00"}


class TestEcho(ChannelContract):
    plugin = "plugins.echo"
    channel_class = EchoChannel
    recipient = "ada"

    def create_account(self) -> Account:
        settings = {"prefix": "You said: "}
        return Account(1, "echo", "Try-out", "", settings, secrets={"shared_secret": SECRET})

    def sample_events(self) -> list[RawEvent]:
        names = ("message__plain.json", "message__unicode.json")
        return [RawEvent(load_fixture(__file__, name), meta=META) for name in names]

    def exchange_events(self) -> list[RawEvent]:
        name = "message__plain.json"
        follow_up = {"id": "3", "from": "ada", "text": "And how much is it?"}
        return [RawEvent(load_fixture(__file__, name), meta=META), RawEvent(json.dumps(follow_up).encode(), meta=META)]

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        ((_, event),) = self.host.received
        return event

    def sent_count(self, message: OutboundMessage) -> int:
        return sum(1 for _, event in self.host.received if event.source_key == f"echo:{message.external_id}")

    def test_an_answer_comes_back_in_the_conversation_it_was_for(self) -> None:
        message = self.create_message(self.account)
        self.channel.send(self.account, message)
        ((_, event),) = self.host.received
        (echo,) = self.channel.translate(self.account, event)
        assert echo.text == "You said: " + message.text
        assert (echo.sender.value, echo.in_reply_to) == ("ada", message.external_id)
        assert echo.thread_key == self.sample_messages()[0].thread_key
        assert echo.external_id != message.external_id

    def test_an_old_signature_is_refused(self) -> None:
        request = self.signed_request()
        self.host.clock.tick(301)
        old = WebhookRequest("POST", request.url, request.headers, {}, request.body, self.host.now())
        with pytest.raises(BadSignature, match="older than five minutes"):
            self.channel.verify_webhook(self.account, old)

    def test_half_a_character_is_not_recognised(self) -> None:
        from tidings import UnrecognisedPayload

        payload = json.dumps({"id": "1", "from": "ada", "text": "\ud83d"}).encode()
        with pytest.raises(UnrecognisedPayload):
            self.channel.translate(self.account, RawEvent(payload, meta=META))
