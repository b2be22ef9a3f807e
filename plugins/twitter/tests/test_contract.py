"""X keeps the contract of channels, against the fake X."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from plugins.twitter.channel import TwitterChannel
from plugins.twitter.events import event_of_post
from plugins.twitter.tests import accounts
from plugins.twitter.x import asked
from tidings import Account, OutboundAttachment, OutboundMessage, RawEvent, SendReceipt
from tidings.testing import ChannelContract, FakeHost, providers

FAULTS = {
    "expired_credential",
    "rate_limited",
    "server_trouble",
    "refused",
    "gone",
    "garbage",
    "cut_connection",
    "silence",
}


class TestTwitter(ChannelContract):
    plugin = "plugins.twitter"
    channel_class = TwitterChannel
    faults = frozenset(FAULTS)
    plugin_settings = accounts.APP
    rate_limit_wait_s = providers.FakeX.RETRY_AFTER_S

    @pytest.fixture(autouse=True)
    def started(self) -> None:
        """People have written before a test begins; webhooks bring some of it."""
        self.provider = accounts.create_x()
        self.ada = self.provider.add_person("Ada Ünlü", "ada")
        self.written = 0
        root = self.provider.post(self.ada, "Who sells lamps?")
        picture, private = self.provider.picture(b"\x89PNG 1"), self.provider.picture(b"\x89PNG 2", of_message=True)
        self.mention = self.provider.mention(self.ada, "Grüße aus 東京 🙂", media=[picture])
        self.reply = self.provider.mention(self.ada, "These?", in_reply_to=root)
        self.direct = self.provider.message(self.ada, "Psst, größer?", private)
        self.sample = [self._event(one) for one in (self.mention, self.reply, self.direct)]

    def create_account(self) -> Account:
        return accounts.create_account(self.provider)

    def create_host(self, account: Account) -> FakeHost:
        host = accounts.create_host(self.provider, account)
        self.provider.now = host.now
        return host

    def sample_events(self) -> list[RawEvent]:
        return list(self.sample)

    def exchange_events(self) -> list[RawEvent]:
        answer = self.provider.store_post(self.provider.account, "Which one?", in_reply_to=self.mention)
        later = self.provider.store_post(self.ada, "@shop The blue one", in_reply_to=answer)
        return [self._event(one) for one in (self.mention, answer, later)]

    def update_events(self) -> list[RawEvent]:
        own = {"status": {"id": "5", "user_id": self.provider.account.id}, "timestamp_ms": "1767323045000"}
        read = {
            "sender_id": self.ada.id,
            "last_read_event_id": "9",
            "created_timestamp": "1767323045000",
            "target": {"recipient_id": self.provider.account.id},
        }
        gone = {"gone": {"id": "7", "at": "2026-01-02T03:04:05+00:00"}}
        edited = self.provider.edit(self.mention, "@shop Grüße aus Kyōto")
        bodies = [{"tweet_delete_events": [own]}, {"direct_message_mark_read_events": [read]}, gone]
        return [*(RawEvent(json.dumps(one).encode()) for one in bodies), self._asked(edited)]

    def unsupported_events(self) -> list[RawEvent]:
        to_all = self.provider.store_post(self.provider.account, "We are open.")
        repost = self.provider.store_post(self.ada, "", reposts=to_all)
        return [self._event(one) for one in (to_all, repost)]

    def arrive(self) -> None:
        self.written += 1
        self.provider.mention(self.ada, f"Number {self.written}")

    @property
    def recipient(self) -> str:  # type: ignore[override]
        return self.ada.id

    def create_message(self, account: Account) -> OutboundMessage:
        """X takes pictures only."""
        message = super().create_message(account)
        return replace(message, attachments=(OutboundAttachment("lamp.png", "image/png", b"\x89PNG"),))

    def sent_count(self, message: OutboundMessage) -> int:
        return sum(1 for one in self.provider.sent_messages if one.text == message.text)

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        """Below what was sent in public, else directly."""
        own = self.provider.state.posts.get(receipt.external_id.removeprefix("own:"))
        if own is not None:
            return self._event(self.provider.store_post(self.ada, "@shop Thank you!", in_reply_to=own))
        return self._event(self.provider.store_message(self.ada, self.provider.account, "Thank you!"))

    def fault(self, name: str) -> AbstractContextManager[object]:
        return self.provider.fault(name)

    def _event(self, item: Any) -> RawEvent:
        return accounts.event_of(self.provider, item)

    def _asked(self, post: Any) -> RawEvent:
        (document,) = asked(self.host, self.account, lambda client: client.posts([post.id])).documents
        return event_of_post(document)
