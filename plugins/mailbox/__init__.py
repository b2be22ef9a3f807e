"""Mailbox: any mail account by IMAP and SMTP, and mail delivered straight in by a server of one's own. One account is one mailbox."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.mailbox import arrivals, envelopes, health, limits, panels, published, sent_copies, troubles
from plugins.mailbox.addresses import known_address
from plugins.mailbox.channel import MailboxChannel
from plugins.mailbox.confirming import confirm_receipt
from plugins.mailbox.listener import listener_services
from plugins.mailbox.settings import MailboxSettings
from plugins.mailbox.signature import with_signature
from plugins.mailbox.signing_in.application import ApplicationForm
from plugins.mailbox.signing_in.keeping import renew_sign_ins
from plugins.mailbox.signing_in.routes import sign_in_routes
from tidings import (
    Account,
    AccountSaved,
    Channel,
    ConversationSummary,
    DeliveryFailed,
    Host,
    Job,
    MessageSummary,
    OutboundMessage,
    Panel,
    Participant,
    Route,
    Service,
    SettingsForm,
    hookimpl,
)


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [MailboxChannel(host)]


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [ApplicationForm]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return sign_in_routes(host)


@hookimpl
def register_services(host: Host) -> Sequence[Service]:
    return listener_services(host)


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [
        Job("keep copies", every=timedelta(minutes=10), run=lambda: sent_copies.retry_copies(host)),
        Job("renew sign-ins", every=timedelta(hours=1), run=lambda: renew_sign_ins(host)),
        Job("forget removed accounts", every=timedelta(hours=1), run=lambda: _forget_removed(host)),
    ]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    arrivals.note_saved(host, saved.account_id, saved.is_new)
    envelopes.forget_envelopes(host, saved.account_id)


@hookimpl
def filter_outbound(host: Host, message: OutboundMessage, account: Account) -> OutboundMessage | None:
    """The signature, for own accounts only."""
    if account.plugin != host.plugin:
        return None
    return with_signature(message, MailboxSettings.of(account).signature)


@hookimpl
def conversation_created(host: Host, conversation: ConversationSummary, message: MessageSummary | None) -> None:
    confirm_receipt(host, conversation, message)


@hookimpl
def message_sent(host: Host, message: MessageSummary) -> None:
    sent_copies.keep_copy(host, message)


@hookimpl
def delivery_failed(host: Host, failure: DeliveryFailed) -> None:
    troubles.note_failure(host, failure)


@hookimpl
def match_contact(sender: Participant) -> Participant | None:
    """Ada+shop@example.com is ada@example.com; at Gmail a.da@ is ada@ too."""
    return known_address(sender)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)


def _forget_removed(host: Host) -> None:
    for account_id in arrivals.forget_removed(host):
        troubles.forget_troubles(host, account_id)
        health.forget_sign_in(host, account_id)
        limits.forget_largest(host, account_id)
        envelopes.forget_envelopes(host, account_id)
        published.forget_published(host, account_id)
        arrivals.forget_reached(host, account_id)
        sent_copies.forget_copies(host, account_id)
