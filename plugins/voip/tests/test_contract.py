"""The telephone keeps the contract of channels, against a Twilio on loopback."""

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlencode

from plugins.voip.channel import VoipChannel
from plugins.voip.tests.lines import ADA, OURS, twilio_account
from plugins.voip.twilio_texts import STATE_EVENT, TEXT_EVENT
from tidings import Account, OutboundMessage, RawEvent, SendReceipt, WebhookRequest
from tidings.testing import ChannelContract, FakeProvider, load_fixture, providers

AT = "2026-01-01T12:00:00+00:00"
FORM = "application/x-www-form-urlencoded"


class TestTelephone(ChannelContract):
    plugin = "plugins.voip"
    channel_class = VoipChannel
    recipient = ADA
    faults = frozenset({*FakeProvider.FAULTS, "gone"})
    rate_limit_wait_s = FakeProvider.RETRY_AFTER_S

    @cached_property
    def provider(self) -> providers.FakeTwilio:
        twilio = providers.FakeTwilio()
        twilio.add_number(OURS)
        twilio.files["MM" + "b2" * 16] = [("ME" + "c3" * 16, "image/png", b"\x89PNG")]
        self.arrived = 0
        return twilio

    def prepare_provider(self, provider: FakeProvider) -> None:
        """Nothing: it is a Twilio already."""

    def create_account(self) -> Account:
        return replace(twilio_account(), cursor={"until": "2026-01-02T00:00:00+00:00"})

    def sample_events(self) -> list[RawEvent]:
        return [text("text__emoji.form"), text("text__picture.form")]

    def exchange_events(self) -> list[RawEvent]:
        return [text("text__emoji.form"), self._answer("SM" + "f6" * 16)]

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        return self._answer("SM" + "f7" * 16)

    def update_events(self) -> list[RawEvent]:
        return [state("state__undelivered.form")]

    def unsupported_events(self) -> list[RawEvent]:
        return [state("state__sent.form")]

    def arrive(self) -> None:
        self.arrived += 1
        self.provider.now = lambda: self.host.now() - timedelta(minutes=10) + timedelta(seconds=self.arrived)
        self.provider.receive_text(ADA, OURS, f"Text {self.arrived}")

    def sent_count(self, message: OutboundMessage) -> int:
        sent = [one for one in self.provider.texts.values() if one["direction"] == "outbound-api"]
        return sum(1 for one in sent if one["body"] == message.text)

    def request_with(self, body: bytes) -> WebhookRequest:
        address, kept = self.host.webhook_url(self.account.id), {"content-type": FORM}
        request = WebhookRequest("POST", address, kept, {}, body, self.host.now())
        return replace(request, headers={**kept, **self.channel.sign_webhook(self.account, request)})

    def _answer(self, sid: str) -> RawEvent:
        form = {"MessageSid": sid, "From": ADA, "To": OURS, "Body": "Thank you!", "NumMedia": "0"}
        return RawEvent(urlencode(form).encode(), f"text:{sid}", FORM, {"kind": TEXT_EVENT, "at": AT})


def text(name: str) -> RawEvent:
    return RawEvent(load_fixture(__file__, name), f"text:{name}", FORM, {"kind": TEXT_EVENT, "at": AT})


def state(name: str) -> RawEvent:
    return RawEvent(load_fixture(__file__, name), f"state:{name}", FORM, {"kind": STATE_EVENT, "at": AT})
