"""Spam filter: weighs each message that opens a conversation, by rules and by what agents taught it, and keeps what is spam in Spam."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.spamfilter import panels
from plugins.spamfilter.forms import SpamfilterSettings
from plugins.spamfilter.judging import filter_message, take_judgement
from plugins.spamfilter.learning import forget_old, remember, teach
from tidings import (
    Account,
    ConversationChanged,
    ConversationSummary,
    Host,
    InboundMessage,
    Job,
    MessageSummary,
    Panel,
    SettingsForm,
    Viewer,
    hookimpl,
)


@hookimpl
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    return [SpamfilterSettings]


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [Job("forget old mail", every=timedelta(hours=6), run=lambda: forget_old(host))]


@hookimpl(trylast=True)
def filter_inbound(host: Host, message: InboundMessage, account: Account) -> InboundMessage | None:
    """What is spam goes to Spam; last, because what other filters found counts."""
    return filter_message(host, message, account)


@hookimpl
def message_received(host: Host, message: MessageSummary) -> None:
    """What opened a conversation can teach; what comes later in it belongs to it anyway."""
    judgement = take_judgement(host, message)
    if judgement is not None and message.is_first:
        remember(host, message, judgement)


@hookimpl
def conversation_changed(host: Host, change: ConversationChanged) -> None:
    """ "Spam" and "Not spam", by agents here or in the mailbox."""
    before, now = change.status_before, change.conversation.status
    if now != before and "spam" in (before, now):
        teach(host, change.conversation.id, "spam" if now == "spam" else "ham")


@hookimpl
def message_sent(host: Host, message: MessageSummary) -> None:
    """What an agent answers is no spam, as long as nobody says so."""
    if not message.is_automatic and host.settings.get("learns_from_answers"):
        teach(host, message.conversation.id, "ham", is_hint=True)


@hookimpl
def conversation_panels(host: Host, conversation: ConversationSummary) -> Sequence[Panel]:
    return panels.conversation_panels(host, conversation)


@hookimpl
def dashboard_panels(host: Host, viewer: Viewer) -> Sequence[Panel]:
    return panels.dashboard_panels(host, viewer)
