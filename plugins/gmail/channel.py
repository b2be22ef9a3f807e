"""The Gmail channel: what the host calls, passed on to the modules that do it, with their errors in the host's words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from plugins.gmail import checks, health, sending
from plugins.gmail.forms import MailboxForm
from plugins.gmail.mailbox import open_mailbox
from plugins.gmail.pushes import PushDesk
from plugins.gmail.reading import read_news, read_since
from plugins.gmail.settings import GmailSettings
from plugins.gmail.translate import translated_event
from tidings import (
    MAIL,
    Account,
    AccountHealth,
    Capability,
    Channel,
    ConnectionReport,
    ConversationUpdate,
    FetchBatch,
    Host,
    InboundMessage,
    OutboundMessage,
    RawEvent,
    SendReceipt,
    SharedWebhookReply,
    WebhookRequest,
)

__all__ = ["GmailChannel"]


class GmailChannel(Channel):
    """Mailboxes of Gmail and Google Workspace. Reading changes nothing there; labels change where the settings ask for it."""

    title = "Gmail"
    icon = "mail"
    capabilities = frozenset(
        {
            Capability.FETCH,
            Capability.BACKFILL,
            Capability.SEND,
            Capability.BEGIN,
            Capability.SUBJECT,
            Capability.HTML,
            Capability.ATTACHMENTS,
            Capability.COPY,
            Capability.SHARED_WEBHOOK,
        }
    )
    settings_form = MailboxForm
    address_kind = MAIL
    poll_interval_s = 60
    connect_path = "/connect"

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pushes = PushDesk(host)

    def test_connection(self, account: Account) -> ConnectionReport:
        return checks.connection_report(self._host, account)

    def account_address(self, settings: Mapping[str, object]) -> str:
        return GmailSettings.read(settings).address

    def account_addresses(self, settings: Mapping[str, object]) -> Sequence[str]:
        return tuple(GmailSettings.read(settings).own_addresses)

    def sign_in_path(self, account: Account) -> str:
        return f"/sign-in/{account.id}"

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | ConversationUpdate]:
        return translated_event(account, event)

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        with open_mailbox(self._host, account) as mailbox:
            yield from read_news(self._host, account, mailbox)

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        with open_mailbox(self._host, account) as mailbox:
            yield from read_since(self._host, account, mailbox, since)

    def verify_shared_webhook(self, request: WebhookRequest) -> None:
        self._pushes.verify(request)

    def receive_shared_webhook(self, request: WebhookRequest) -> SharedWebhookReply:
        return self._pushes.receive(request)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        with open_mailbox(self._host, account) as mailbox:
            return sending.send_message(self._host, account, mailbox, message)

    def largest_message(self, account: Account) -> int:
        return sending.LARGEST

    def was_sent(self, account: Account, message: OutboundMessage) -> bool:
        with open_mailbox(self._host, account) as mailbox:
            return sending.was_sent(self._host, account, mailbox, message)

    def health(self, account: Account) -> AccountHealth:
        return health.account_health(self._host, account)
