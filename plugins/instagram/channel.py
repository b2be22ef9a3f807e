"""The channel of Instagram accounts: what the host calls, passed on to the modules that do it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from plugins.instagram import checks, complete, reading, sending, translate, webhook, windows
from plugins.instagram.forms import AccountForm
from plugins.instagram.graph import page_client, used_percent
from plugins.instagram.names import KIND
from plugins.instagram.subscription import sign_in_of
from tidings import (
    Account,
    AccountHealth,
    Capability,
    Channel,
    ConnectionReport,
    Exchange,
    FetchBatch,
    Host,
    OutboundMessage,
    Quota,
    RawEvent,
    ReplyRules,
    SendReceipt,
    SharedWebhookReply,
    WebhookRequest,
)

__all__ = ["InstagramChannel"]


class InstagramChannel(Channel):
    """Direct messages and comments. Webhooks bring everything at once; reading every few minutes brings what they missed."""

    title = "Instagram"
    icon = "image"
    capabilities = frozenset(
        {
            Capability.FETCH,
            Capability.BACKFILL,
            Capability.SHARED_WEBHOOK,
            Capability.COMPLETE,
            Capability.SEND,
        }
    )
    settings_form = AccountForm
    address_kind = KIND
    poll_interval_s = 300
    connect_path = "/connect"

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return checks.connection_report(self._host, account)

    def account_address(self, settings: Mapping[str, object]) -> str:
        return str(settings.get("instagram_id") or "")

    def sign_in_path(self, account: Account) -> str:
        return f"/sign-in?account={account.id}"

    def translate(self, account: Account, event: RawEvent) -> Sequence[translate.Said]:
        return translate.said_by(account, event)

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        return complete.completed(self._host, account, event)

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        return reading.fetch(self._host, account)

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        return reading.backfill(self._host, account, since)

    def verify_shared_webhook(self, request: WebhookRequest) -> None:
        webhook.verify(self._host, request)

    def sign_shared_webhook(self, request: WebhookRequest) -> Mapping[str, str]:
        return webhook.sign_request(self._host, request)

    def receive_shared_webhook(self, request: WebhookRequest) -> SharedWebhookReply:
        return webhook.receive(self._host, request)

    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        return windows.reply_rules(self._host, account, exchange)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        with page_client(self._host, account) as client:
            return sending.send(client, account, message)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        with page_client(self._host, account) as client:
            return sending.was_sent(client, account, message)

    def health(self, account: Account) -> AccountHealth:
        percent = used_percent(self._host, account.id)
        quotas = () if percent is None else (Quota(round(percent), 100, "percent"),)
        return AccountHealth(token_expires_at=sign_in_of(self._host, account.id).ends_at, quotas=quotas)
