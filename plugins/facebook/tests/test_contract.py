"""Facebook keeps the contract of channels, against the fake Graph API."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

import pytest

from plugins.facebook.channel import FacebookChannel
from plugins.facebook.subscription import wanted_fields
from plugins.facebook.tests import pages
from tidings import Account, OutboundMessage, RawEvent, SendReceipt
from tidings.testing import ChannelContract, FakeHost, providers


class TestFacebook(ChannelContract):
    plugin = "plugins.facebook"
    channel_class = FacebookChannel
    recipient = pages.PERSON_ID
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
    plugin_settings = pages.APP
    rate_limit_wait_s = providers.FakeMetaGraph.RETRY_AFTER_S

    @pytest.fixture(autouse=True)
    def started(self) -> None:
        """The fake listens, and there is something to answer, before a test puts it into trouble."""
        self.provider = pages.create_graph()
        self.answerable = super().create_message(self.account)

    def create_account(self) -> Account:
        account = pages.create_account(self.provider)
        pages.page_of(self.provider).subscribed = wanted_fields(account)
        return account

    def create_host(self, account: Account) -> FakeHost:
        return pages.create_host(self.provider, account)

    def sample_events(self) -> list[RawEvent]:
        names = ("message__text", "message__with_files", "postback__menu", "comment__added", "comment__with_photo")
        return [pages.captured(name) for name in names]

    def exchange_events(self) -> list[RawEvent]:
        return [pages.captured(name) for name in ("message__text", "message__quick_reply", "echo__written_elsewhere")]

    def update_events(self) -> list[RawEvent]:
        names = (
            "edit__by_the_author", "message__unsent", "reaction__love", "reaction__taken_away", "read__all", "delivery__all",
            "handover__taken_by_another", "handover__passed_to_us", "handover__asked_for", "referral__by_link",
            "comment__edited", "comment__hidden", "comment__removed",
        )  # fmt: skip
        return [pages.captured(name) for name in names]

    def unsupported_events(self) -> list[RawEvent]:
        return [pages.captured(name) for name in ("optin__not_for_us", "comment__by_the_page")]

    def arrive(self) -> None:
        _ = self.host
        self.provider.write(pages.person_of(self.provider), f"Message {len(self.provider.state.messages)}")

    def create_message(self, account: Account) -> OutboundMessage:
        if not self.provider.state.messages:
            self.arrive()  # what came in lately can be answered
        return self.answerable

    def sent_count(self, message: OutboundMessage) -> int:
        return sum(1 for one in self.provider.state.sent if one.text == message.text)

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        content = pages.webhook_of("message__text")
        content["entry"][0]["messaging"][0]["message"] = {"mid": "m_answer", "text": "Thank you!"}
        return RawEvent(json.dumps(content).encode())

    def fault(self, name: str) -> AbstractContextManager[object]:
        return self.provider.fault(name)
