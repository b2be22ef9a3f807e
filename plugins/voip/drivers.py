"""What a driver is: what stands between one way to telephone and the rest of the plugin. An account's setting `driver` names its driver.

A driver is stateless and serves all accounts that name it. `plugins.voip.channel` asks it; it writes down what it sees with
`plugins.voip.record`. Importing a driver's module imports no library of a provider.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tidings import (
    Account,
    AccountHealth,
    BadSignature,
    ConnectionReport,
    ConversationUpdate,
    DeliveryUpdate,
    Exchange,
    FetchBatch,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    OutboundMessage,
    Permanent,
    RawEvent,
    Reaction,
    ReplyRules,
    SendReceipt,
    UnrecognisedPayload,
    WebhookReply,
    WebhookRequest,
    translatable,
)

__all__ = ["CallsOnly", "Driver"]

Update = DeliveryUpdate | MessageEdit | MessageRemoval | Reaction | ConversationUpdate

NO_TEXT = translatable("This line carries calls only, no text messages.")


class Driver(Protocol):
    """As `Channel` where the names are the same. `call` begins a call from an agent's telephone to a contact's number (E.164) and returns
    the driver's id of it; it raises what `send` raises. `translate` gets what `call_messages` does not know."""

    def test_connection(self, account: Account) -> ConnectionReport: ...
    def health(self, account: Account) -> AccountHealth: ...
    def fetch(self, account: Account) -> Iterator[FetchBatch]: ...
    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]: ...
    def verify_webhook(self, account: Account, request: WebhookRequest) -> None: ...
    def sign_webhook(self, account: Account, request: WebhookRequest) -> Mapping[str, str]: ...
    def receive_webhook(self, account: Account, request: WebhookRequest) -> WebhookReply: ...
    def complete(self, account: Account, event: RawEvent) -> RawEvent: ...
    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | Update]: ...
    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules: ...
    def send(self, account: Account, message: OutboundMessage) -> SendReceipt: ...
    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None: ...
    def call(self, account: Account, agent_id: int, agent_name: str, agent_number: str, number: str) -> str: ...


class CallsOnly:
    """The answers of a driver without text messages, webhooks and anything to fetch; the rest is to be written."""

    def health(self, account: Account) -> AccountHealth:
        return AccountHealth()

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        yield from ()

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        yield from ()

    def verify_webhook(self, account: Account, request: WebhookRequest) -> None:
        raise BadSignature("This line takes no webhooks.")

    def sign_webhook(self, account: Account, request: WebhookRequest) -> Mapping[str, str]:
        return {}

    def receive_webhook(self, account: Account, request: WebhookRequest) -> WebhookReply:
        return WebhookReply()

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        return event

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | Update]:
        raise UnrecognisedPayload("This is no event of a telephone line.")

    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        return ReplyRules(notice=NO_TEXT, is_refused=True)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        raise Permanent(NO_TEXT)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        return False
