"""Telephone calls and short messages in the inbox, by Twilio or by SIP. One account is one number."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.voip import panels
from plugins.voip.admin_pages import admin_routes
from plugins.voip.agents import forget_old_legs
from plugins.voip.calls_page import agent_routes
from plugins.voip.channel import VoipChannel
from plugins.voip.keeping import delete_at_provider, forget_old_recordings
from plugins.voip.public_pages import public_routes
from plugins.voip.readers import twilio_reader
from plugins.voip.record import note_conversation, tell_rest
from plugins.voip.sip_service import sip_services
from plugins.voip.sip_state import saved_count
from plugins.voip.sounds import forget_outgoing
from plugins.voip.twilio_ringing import release_late_callers
from tidings import (
    Account,
    AccountSaved,
    Action,
    Channel,
    ContactSummary,
    ConversationSummary,
    Host,
    Job,
    MessageSummary,
    NavLink,
    Panel,
    Route,
    Service,
    WebhookReader,
    hookimpl,
)


@hookimpl
def register_channels(host: Host) -> Sequence[Channel]:
    return [VoipChannel(host)]


@hookimpl
def register_services(host: Host) -> Sequence[Service]:
    return sip_services(host)


@hookimpl
def register_routes(host: Host) -> Sequence[Route]:
    return [*agent_routes(host), *admin_routes(host), *public_routes(host)]


@hookimpl
def register_webhook_readers(host: Host) -> Sequence[WebhookReader]:
    return [twilio_reader()]


@hookimpl
def message_received(host: Host, message: MessageSummary) -> None:
    if message.conversation.channel == host.plugin:
        note_conversation(host, message.account_id, message.external_id, message.conversation.number)


@hookimpl
def dashboard_panels(host: Host) -> Sequence[Panel]:
    return panels.dashboard_panels(host)


@hookimpl
def navigation_links(host: Host) -> Sequence[NavLink]:
    return panels.navigation_links(host)


@hookimpl
def contact_panels(host: Host, contact: ContactSummary) -> Sequence[Panel]:
    return panels.contact_panels(host, contact)


@hookimpl
def contact_actions(host: Host, contact: ContactSummary) -> Sequence[Action]:
    return panels.contact_actions(host, contact)


@hookimpl
def conversation_actions(host: Host, conversation: ConversationSummary) -> Sequence[Action]:
    return panels.conversation_actions(host, conversation)


@hookimpl
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    return panels.account_panels(host, account)


@hookimpl
def account_saved(host: Host, saved: AccountSaved) -> None:
    saved_count(host, saved.account_id, by=1)


@hookimpl
def register_jobs(host: Host) -> Sequence[Job]:
    return [
        Job("tell the inbox", every=timedelta(seconds=30), run=lambda: tell_rest(host)),
        Job("release late callers", every=timedelta(seconds=10), run=lambda: release_late_callers(host)),
        Job("tidy recordings", every=timedelta(hours=1), run=lambda: _tidy(host)),
    ]


def _tidy(host: Host) -> None:
    """Delete what is no longer to be kept, here and at the carrier."""
    forget_old_recordings(host)
    delete_at_provider(host)
    forget_outgoing(host)
    forget_old_legs(host)
