"""Boxes and buttons of the plugin on pages of the host."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.voip.agents import telephones
from plugins.voip.call_log import calls_of, live_calls, missed_since, waiting_count
from plugins.voip.calls import CallState, Direction
from plugins.voip.numbers import is_e164, shown
from tidings import Account, Action, ContactSummary, ConversationSummary, Host, NavLink, Panel

__all__ = [
    "account_panels",
    "contact_actions",
    "contact_panels",
    "conversation_actions",
    "dashboard_panels",
    "navigation_links",
]

DAY = timedelta(days=1)


def dashboard_panels(host: Host) -> Sequence[Panel]:
    """Who waits now; nothing while there is no line."""
    if not host.accounts():
        return []
    alive = live_calls(host)
    waiting = [one for one in alive if one.state == CallState.WAITING and one.direction == Direction.INBOUND]
    with host.tables.connect() as connection:
        available = sum(one.is_available for one in telephones(connection))
    context = {
        "waiting": len(waiting),
        "longest_wait": waiting[0].waited if waiting else "",
        "alarms": sum(one.is_alarming for one in waiting),
        "talking": sum(one.state == CallState.ANSWERED for one in alive),
        "available": available,
        "missed": missed_since(host, host.now() - DAY),
    }
    return [Panel(host.gettext("Calls"), template="voip/dashboard_panel.html", context=context)]


def navigation_links(host: Host) -> Sequence[NavLink]:
    """The way to the page Calls, with how many wait; nothing while there is no line."""
    if not host.accounts():
        return []
    return [NavLink(host.gettext("Calls"), "/calls", icon="phone", badge=waiting_count(host))]


def contact_panels(host: Host, contact: ContactSummary) -> Sequence[Panel]:
    """The contact's last calls; nothing for contacts without a number."""
    rows = calls_of(host, _numbers(contact))
    if not rows:
        return []
    return [Panel(host.gettext("Calls"), template="voip/contact_panel.html", context={"rows": rows})]


def contact_actions(host: Host, contact: ContactSummary) -> Sequence[Action]:
    """One button for each number."""
    if not host.accounts():
        return []
    return [_call(host.gettext("Call %(number)s") % {"number": shown(number)}, number) for number in _numbers(contact)]


def conversation_actions(host: Host, conversation: ConversationSummary) -> Sequence[Action]:
    """Call back who called or wrote to one of our numbers."""
    if conversation.channel != host.plugin or not is_e164(conversation.contact_address):
        return []
    return [_call(host.gettext("Call back"), conversation.contact_address)]


def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    """Where to look at calls, and where Twilio must post them to."""
    is_twilio = account.settings.get("driver") != "sip"
    context = {"account_id": account.id, "is_twilio": is_twilio, "address": host.webhook_url(account.id)}
    return [Panel(host.gettext("Calls"), template="voip/account_panel.html", context=context)]


def _numbers(contact: ContactSummary) -> list[str]:
    return [value for kind, value in contact.addresses if kind == "phone" and is_e164(value)]


def _call(label: str, number: str) -> Action:
    return Action(label, f"/call/{number.removeprefix('+')}", icon="phone")
