"""Instagram keeps the contract of channels, against the fake Graph API."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

import pytest

from connectors.meta_graph.pages import MESSAGING_FIELDS
from plugins.instagram.channel import InstagramChannel
from plugins.instagram.tests import accounts
from tidings import Account, OutboundMessage, RawEvent, SendReceipt
from tidings.testing import ChannelContract, FakeHost, providers


class TestInstagram(ChannelContract):
    plugin = "plugins.instagram"
    channel_class = InstagramChannel
    recipient = accounts.PERSON_ID
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
    plugin_settings = accounts.APP
    rate_limit_wait_s = providers.FakeMetaGraph.RETRY_AFTER_S

    @pytest.fixture(autouse=True)
    def started(self) -> None:
        """The fake listens, and there is something to answer, before a test puts it into trouble."""
        self.provider = accounts.create_graph()
        self.answerable = super().create_message(self.account)

    def create_account(self) -> Account:
        account = accounts.create_account(self.provider)
        accounts.page_of(self.provider).subscribed = MESSAGING_FIELDS
        return account

    def create_host(self, account: Account) -> FakeHost:
        return accounts.create_host(self.provider, account)

    def sample_events(self) -> list[RawEvent]:
        names = (
            "message__text",
            "message__photo",
            "message__answers_a_story",
            "postback__ice_breaker",
            "comment__added",
        )
        return [accounts.captured(name) for name in names]

    def exchange_events(self) -> list[RawEvent]:
        return [accounts.captured(name) for name in ("message__text", "message__photo", "echo__written_elsewhere")]

    def update_events(self) -> list[RawEvent]:
        names = ("edit__by_the_author", "message__unsent", "reaction__love", "seen__last_message")
        return [accounts.captured(name) for name in names]

    def unsupported_events(self) -> list[RawEvent]:
        return [accounts.captured(name) for name in ("referral__not_for_us", "comment__by_the_account")]

    def arrive(self) -> None:
        _ = self.host
        self.provider.write(accounts.person_of(self.provider), f"Message {len(self.provider.state.messages)}")

    def create_message(self, account: Account) -> OutboundMessage:
        if not self.provider.state.messages:
            self.arrive()  # what came in lately can be answered
        return self.answerable

    def sent_count(self, message: OutboundMessage) -> int:
        return sum(1 for one in self.provider.state.sent if one.text == message.text)

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        content = accounts.webhook_of("message__text")
        content["entry"][0]["messaging"][0]["message"] = {"mid": "aWdfanswer", "text": "Thank you!"}
        return RawEvent(json.dumps(content).encode())

    def fault(self, name: str) -> AbstractContextManager[object]:
        return self.provider.fault(name)
