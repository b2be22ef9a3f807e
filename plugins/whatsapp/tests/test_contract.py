"""WhatsApp keeps the contract of channels, against the fake Graph API."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

import pytest

from plugins.whatsapp.channel import WhatsAppChannel
from plugins.whatsapp.tests import numbers
from tidings import Account, OutboundMessage, RawEvent, SendReceipt
from tidings.testing import ChannelContract, FakeHost, providers


class TestWhatsApp(ChannelContract):
    plugin = "plugins.whatsapp"
    channel_class = WhatsAppChannel
    recipient = f"+{numbers.PERSON}"
    faults = frozenset(
        {
            "expired_credential",
            "rate_limited",
            "server_trouble",
            "refused",
            "gone",
            "garbage",
            "cut_connection",
            "silence",
        }
    )
    plugin_settings = numbers.APP
    rate_limit_wait_s = providers.FakeMetaGraph.RETRY_AFTER_S

    @pytest.fixture(autouse=True)
    def started(self) -> None:
        """The fake listens, and there is something to answer, before a test puts it into trouble."""
        self.provider = numbers.create_graph()
        self.answerable = super().create_message(self.account)

    def create_account(self) -> Account:
        return numbers.create_account(self.provider)

    def create_host(self, account: Account) -> FakeHost:
        return numbers.create_host(self.provider, account)

    def create_message(self, account: Account) -> OutboundMessage:
        return self.answerable

    def sample_events(self) -> list[RawEvent]:
        names = ("message__text", "message__image", "message__document", "message__location", "message__button")
        return [numbers.captured(name) for name in names]

    def exchange_events(self) -> list[RawEvent]:
        return [numbers.captured(name) for name in ("message__text", "message__image", "echo__written_in_the_app")]

    def update_events(self) -> list[RawEvent]:
        names = (
            "edit__by_the_author", "message__revoked", "reaction__thumb", "reaction__taken_away", "status__delivered",
            "status__read", "status__failed", "system__number_changed",
        )  # fmt: skip
        return [numbers.captured(name) for name in names]

    def unsupported_events(self) -> list[RawEvent]:
        return [numbers.captured("status__sent")]

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        content = json.loads(numbers.captured("message__text").payload)
        content["entry"][0]["changes"][0]["value"]["messages"][0]["id"] = "wamid.answer"
        return RawEvent(json.dumps(content).encode())

    def fault(self, name: str) -> AbstractContextManager[object]:
        return self.provider.fault(name)
