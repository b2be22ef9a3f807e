"""Gmail: mailboxes of Gmail and Google Workspace through Google's own interface. One account is one mailbox; one client serves all."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.gmail import arrivals, health, label_changes
from plugins.gmail.channel import GmailChannel
from plugins.gmail.connect import connect_mailbox, connect_routes
from plugins.gmail.domain import connect_waiting
from plugins.gmail.forms import ApplicationForm
from plugins.gmail.grants import forget_grant
from plugins.gmail.messages import forget_messages, note_conversation
from plugins.gmail.units import forget_units
from plugins.gmail.watches import forget_watch, keep_watches
from tidings import (
    Account,
    AccountSaved,
    Channel,
    ConversationChanged,
    Host,
    Job,
    MessageSummary,
    Panel,
    Route,
    SettingsForm,
    hookimpl,
)


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [GmailChannel(host)]


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [ApplicationForm]


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return connect_routes(host)


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [
        Job("change labels", every=timedelta(seconds=5), run=lambda: label_changes.carry_out(host)),
        Job("connect mailboxes", every=timedelta(seconds=2), run=lambda: _connect_waiting(host)),
        Job("keep announcements", every=timedelta(minutes=1), run=lambda: keep_watches(host)),
        Job("forget removed accounts", every=timedelta(hours=1), run=lambda: _forget_removed(host)),
    ]


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    arrivals.note_saved(host, saved.account_id, saved.is_new)


@hookimpl
def message_received(host: Host, message: MessageSummary) -> None:
    _note_conversation(host, message)


@hookimpl
def message_sent(host: Host, message: MessageSummary) -> None:
    _note_conversation(host, message)


@hookimpl
def conversation_changed(host: Host, change: ConversationChanged) -> None:
    label_changes.note_change(host, change)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return health.account_panels(host, account)


def _note_conversation(host: Host, message: MessageSummary) -> None:
    is_of_others = message.account_id == message.conversation.account_id and message.conversation.channel != host.plugin
    if message.external_id and not is_of_others:
        note_conversation(host, message.account_id, message.external_id, message.conversation.id)


def _connect_waiting(host: Host) -> None:
    connect_waiting(host, lambda address: connect_mailbox(host, address))


def _forget_removed(host: Host) -> None:
    for account_id in arrivals.forget_removed(host):
        for forget in (label_changes.forget_changes, forget_grant, forget_messages, forget_units, forget_watch):
            forget(host, account_id)
