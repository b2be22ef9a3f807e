"""Gmail keeps the contract of channels, against the fake Gmail."""

import base64
import json
from contextlib import AbstractContextManager

import pytest

from plugins.gmail.channel import GmailChannel
from plugins.gmail.tests import mailboxes
from tidings import Account, OutboundMessage, RawEvent, SendReceipt, WebhookRequest
from tidings.testing import ChannelContract, FakeHost, providers


class TestGmail(ChannelContract):
    plugin = "plugins.gmail"
    channel_class = GmailChannel
    faults = frozenset(
        {"expired_credential", "rate_limited", "server_trouble", "refused", "garbage", "cut_connection", "silence"}
    )
    plugin_settings = {"topic": mailboxes.TOPIC, "push_sender": mailboxes.SIGNER}
    only_wakes = True
    rate_limit_wait_s = providers.FakeGmail.RETRY_AFTER_S

    @pytest.fixture(autouse=True)
    def connected(self) -> None:
        """The mailbox was looked into once, so that what arrives in the test is new."""
        self.provider = providers.FakeGmail()
        self.arrived = 0
        account = mailboxes.create_account(self.provider)
        host = mailboxes.create_host(self.provider, account)
        self.looked_into = mailboxes.looked(GmailChannel(host), account)

    def create_account(self) -> Account:
        return self.looked_into

    def create_host(self, account: Account) -> FakeHost:
        return mailboxes.create_host(self.provider, account, **self.plugin_settings)

    def sample_events(self) -> list[RawEvent]:
        names = ("message__html_with_attachment.eml", "message__follow_up.eml")
        return [mailboxes.event_of(mailboxes.load_mail(name), gmail_id=f"18f{n}") for n, name in enumerate(names)]

    def exchange_events(self) -> list[RawEvent]:
        return self.sample_events()

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        return mailboxes.event_of(mailboxes.answer_to(receipt.external_id))

    def unsupported_events(self) -> list[RawEvent]:
        to_oneself = mailboxes.create_mail(sender="Support <support@example.test>")
        return [mailboxes.event_of(to_oneself, "SENT")]

    def update_events(self) -> list[RawEvent]:
        return []

    def signed_shared_request(self) -> WebhookRequest:
        about = json.dumps({"emailAddress": self.provider.mailbox, "historyId": 1234}).encode()
        message = {"data": base64.b64encode(about).decode(), "messageId": "1"}
        body = json.dumps({"message": message, "subscription": "projects/tidings/subscriptions/gmail"}).encode()
        url = self.host.shared_webhook_url()
        headers = {"authorization": f"Bearer {self.provider.office.push_token(url)}"}
        return WebhookRequest("POST", url, headers, {}, body, self.host.now())

    def arrive(self) -> None:
        self.arrived += 1
        self.provider.deliver(mailboxes.create_mail(self.arrived))

    def sent_count(self, message: OutboundMessage) -> int:
        return sum(1 for one in self.provider.sent if f"<{message.external_id}>".encode() in one.raw)

    def fault(self, name: str) -> AbstractContextManager[object]:
        return self.provider.fault(name)
