"""The channel of X accounts: what the host calls, passed on to the modules that do it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from plugins.twitter import checks, complete, panels, reading, rules, sending, translate, webhook
from plugins.twitter.forms import AccountForm
from plugins.twitter.names import KIND
from plugins.twitter.subscription import is_revoked
from tidings import (
    Account,
    AccountHealth,
    Capability,
    Channel,
    ConnectionReport,
    Exchange,
    FetchBatch,
    Host,
    NeedsReauth,
    OutboundMessage,
    RawEvent,
    ReplyRules,
    SendReceipt,
    SharedWebhookReply,
    WebhookRequest,
)

__all__ = ["TwitterChannel"]


class TwitterChannel(Channel):
    """Mentions and direct messages. Webhooks bring them at once where the plan allows; asking, at its pace, brings the rest."""

    title = "X (Twitter)"
    icon = "at-sign"
    capabilities = frozenset(
        {
            Capability.FETCH,
            Capability.BACKFILL,
            Capability.SHARED_WEBHOOK,
            Capability.COMPLETE,
            Capability.SEND,
            Capability.BEGIN,
            Capability.ATTACHMENTS,
        }
    )
    settings_form = AccountForm
    address_kind = KIND
    poll_interval_s = 60
    connect_path = "/connect"

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return checks.connection_report(self._host, account)

    def account_address(self, settings: Mapping[str, object]) -> str:
        username = str(settings.get("username") or "").removeprefix("@")
        return f"@{username}" if username else ""

    def sign_in_path(self, account: Account) -> str:
        return f"/sign-in?account={account.id}"

    def translate(self, account: Account, event: RawEvent) -> Sequence[translate.Said]:
        return translate.said_by(account, event)

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        return complete.completed(self._host, account, event)

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        if is_revoked(self._host, account.id):
            raise NeedsReauth("The rights of the app were taken back at X. Sign in again.")
        yield from reading.fetch(self._host, account)

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        return reading.backfill(self._host, account, since)

    def verify_shared_webhook(self, request: WebhookRequest) -> None:
        webhook.verify(self._host, request)

    def sign_shared_webhook(self, request: WebhookRequest) -> Mapping[str, str]:
        return webhook.sign_request(self._host, request)

    def receive_shared_webhook(self, request: WebhookRequest) -> SharedWebhookReply:
        return webhook.receive(self._host, request)

    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        return rules.reply_rules(self._host, account, exchange)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        return sending.send(self._host, account, message)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        return sending.was_sent(self._host, account, message)

    def health(self, account: Account) -> AccountHealth:
        return panels.health(self._host, account)
