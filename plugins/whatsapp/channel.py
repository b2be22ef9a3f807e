"""The channel of WhatsApp numbers: what the host calls, passed on to the modules that do it."""

from collections.abc import Mapping, Sequence

from plugins.whatsapp import checks, complete, sending, translate, webhook, windows
from plugins.whatsapp.forms import NumberForm
from plugins.whatsapp.graph import number_client, used_percent
from plugins.whatsapp.names import KIND
from plugins.whatsapp.subscription import sign_in_of
from tidings import (
    Account,
    AccountHealth,
    Capability,
    Channel,
    ConnectionReport,
    Exchange,
    Host,
    OutboundMessage,
    Quota,
    RawEvent,
    ReplyRules,
    SendReceipt,
    SharedWebhookReply,
    WebhookRequest,
)

__all__ = ["WhatsAppChannel"]


class WhatsAppChannel(Channel):
    """The Cloud API. Everything comes by webhook, since WhatsApp has no history that could be read."""

    title = "WhatsApp"
    icon = "smartphone"
    capabilities = frozenset(
        {Capability.SHARED_WEBHOOK, Capability.COMPLETE, Capability.SEND, Capability.BEGIN, Capability.ATTACHMENTS}
    )
    settings_form = NumberForm
    address_kind = KIND
    connect_path = "/connect"

    def __init__(self, host: Host) -> None:
        self._host = host

    def test_connection(self, account: Account) -> ConnectionReport:
        return checks.connection_report(self._host, account)

    def account_address(self, settings: Mapping[str, object]) -> str:
        """The number in E.164, or its id where it was not told."""
        digits = "".join(filter(str.isdigit, str(settings.get("display_number") or "")))
        return f"+{digits}" if digits else str(settings.get("number_id") or "")

    def sign_in_path(self, account: Account) -> str:
        return f"/connect?account={account.id}"

    def translate(self, account: Account, event: RawEvent) -> Sequence[translate.Said]:
        return translate.said_by(account, event)

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        return complete.completed(self._host, account, event)

    def verify_shared_webhook(self, request: WebhookRequest) -> None:
        webhook.verify(self._host, request)

    def sign_shared_webhook(self, request: WebhookRequest) -> Mapping[str, str]:
        return webhook.sign_request(self._host, request)

    def receive_shared_webhook(self, request: WebhookRequest) -> SharedWebhookReply:
        return webhook.receive(self._host, request)

    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        return windows.reply_rules(self._host, account, exchange)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        with number_client(self._host, account) as client:
            return sending.send(self._host, client, account, message)

    def health(self, account: Account) -> AccountHealth:
        percent = used_percent(self._host, account.id)
        quotas = () if percent is None else (Quota(round(percent), 100, "percent"),)
        return AccountHealth(token_expires_at=sign_in_of(self._host, account.id).ends_at, quotas=quotas)
