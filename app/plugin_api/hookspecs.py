"""The hooks of Tidings. Four shapes, told apart by name: announce (past tense), filter_…, collect (register_… or a plural), ask.

Every hook has `host`: the `Host` made for the plugin that is called. An implementation may leave out arguments it does not need.
The host calls each implementation by itself: one that fails is logged and counted against its plugin, the others go on.
"""

# mypy: disable-error-code="empty-body"
# The specifications have no bodies: pluggy reads their signatures, people their docstrings.

from collections.abc import Sequence
from datetime import datetime

import pluggy

from app.domain.events import (
    AccountSaved,
    ContactSummary,
    ConversationChanged,
    ConversationSummary,
    DeliveryFailed,
    MessageSummary,
    Viewer,
)
from app.plugin_api.channel import Account, Channel
from app.plugin_api.host import Host
from app.plugin_api.messages import InboundMessage, OutboundMessage, Participant
from app.plugin_api.registrations import Action, Job, Panel, Route, Service, WebhookReader
from forms.settings import SettingsForm

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "tidings"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


# ---------------------------------------------------------------- collect, once when the plugin starts ----
@hookspec
def register_channels(host: Host) -> Sequence[Channel]:
    """The channel this plugin brings, in a list. It gets the plugin's name; a second channel needs a plugin of its own.

    Called once in each process when the plugin is activated. Do no I/O here. What the channel can do must stand in the manifest.

    :param host: the host as this plugin sees it; keep it in the channel if the channel needs it.
    :return: at most one channel driver, stateless.
    :since: API 1

    Example::

        @hookimpl
        def register_channels(host):
            return [EchoChannel(host)]
    """


@hookspec
def register_routes(host: Host) -> Sequence[Route]:
    """Pages of the plugin under `/plugins/<name>/`.

    Called once in each process when the plugin is activated; the routes vanish with the plugin. Public ones need `public_routes`.

    :param host: the host as this plugin sees it.
    :return: routes; two of one plugin with the same rule and method are a fault of the plugin.
    :since: API 1

    Example::

        @hookimpl
        def register_routes(host):
            return [Route("/hello", view=lambda request: "Hello", name="hello")]
    """


@hookspec
def register_services(host: Host) -> Sequence[Service]:
    """Long-running parts of the plugin, such as a listening socket.

    Called once in each process when the plugin is activated; do no I/O here. Only the worker runs them. Needs the permission `listen`.

    :param host: the host as this plugin sees it.
    :return: services, each run in a thread of its own.
    :since: API 1

    Example::

        @hookimpl
        def register_services(host):
            return [Service("listener", run=lambda stop: stop.wait())]
    """


@hookspec
def register_jobs(host: Host) -> Sequence[Job]:
    """Work that is done again and again: cleaning up, asking a provider for news.

    Called once in each process when the plugin is activated; do no I/O here. Only the worker runs jobs, each one in one process at a
    time. They vanish with the plugin. Needs the permission `schedule`.

    :param host: the host as this plugin sees it.
    :return: jobs, each with a name of its own.
    :since: API 2

    Example::

        @hookimpl
        def register_jobs(host):
            return [Job("forget", every=timedelta(hours=1), run=lambda: host.store.delete("last_saved"))]
    """


@hookspec
def register_settings(host: Host) -> Sequence[type[SettingsForm]]:
    """Settings of the whole plugin, beside those of each account: the host makes their page, validates and keeps them.

    Called once in each process when the plugin is activated; do no I/O here. What was saved stands in `host.settings`.

    :param host: the host as this plugin sees it.
    :return: at most one form class, in a list.
    :since: API 2

    Example::

        class PagerSettings(SettingsForm):
            token = SecretField("Token")


        @hookimpl
        def register_settings(host):
            return [PagerSettings]
    """


@hookspec
def register_webhook_readers(host: Host) -> Sequence[WebhookReader]:
    """How requests of the plugin's provider are verified and read outside of an installation.

    Called once by the commands `tidings verify-webhook` and `tidings parse-webhook`, which have neither database nor accounts: `host`
    knows nothing there, so do not use it.

    :param host: a host without anything behind it.
    :return: readers, one for each provider whose requests the plugin understands.
    :since: API 3

    Example::

        @hookimpl
        def register_webhook_readers(host):
            return [WebhookReader("pager", verify=verify_request, read=events_of)]
    """


# ------------------------------------------------------------------------------- collect, for a page ----
@hookspec
def dashboard_panels(host: Host, viewer: Viewer) -> Sequence[Panel]:
    """Boxes on the dashboard.

    Called each time an agent opens the dashboard; keep it to one quick query.

    :param host: the host as this plugin sees it.
    :param viewer: the agent who looks.
    :return: panels.
    :since: API 1

    Example::

        @hookimpl
        def dashboard_panels(host, viewer):
            return [Panel("Greeting", rows=(("Hello", viewer.name),))]
    """


@hookspec
def conversation_panels(host: Host, conversation: ConversationSummary) -> Sequence[Panel]:
    """Boxes beside a conversation (the slot `conversation.sidebar`).

    Called each time an agent opens a conversation of any channel; return nothing for those that are not yours.

    :param host: the host as this plugin sees it.
    :param conversation: the conversation on the page.
    :return: panels.
    :since: API 1

    Example::

        @hookimpl
        def conversation_panels(host, conversation):
            return [Panel("Number", rows=(("No.", str(conversation.number)),))]
    """


@hookspec
def conversation_actions(host: Host, conversation: ConversationSummary) -> Sequence[Action]:
    """Buttons of a conversation, such as "Call back".

    Called each time an agent opens a conversation of any channel; return nothing for those that are not yours.

    :param host: the host as this plugin sees it.
    :param conversation: the conversation on the page.
    :return: actions.
    :since: API 3

    Example::

        @hookimpl
        def conversation_actions(host, conversation):
            return [Action("Call back", f"/call/{conversation.id}", icon="phone")]
    """


@hookspec
def message_actions(
    host: Host, conversation: ConversationSummary, messages: Sequence[MessageSummary]
) -> Sequence[Action]:
    """Buttons beside single messages, such as "Hide this comment".

    Called once for the messages that a page of a conversation shows; return nothing for conversations that are not yours.

    :param host: the host as this plugin sees it.
    :param conversation: the conversation on the page.
    :param messages: those on the page, oldest first.
    :return: actions, each with its `message_id`.
    :since: API 3

    Example::

        @hookimpl
        def message_actions(host, conversation, messages):
            return [Action("Hide", f"/hide/{one.id}", message_id=one.id) for one in messages if "Comment" in one.fields]
    """


@hookspec
def contact_panels(host: Host, contact: ContactSummary) -> Sequence[Panel]:
    """Boxes on the page of a contact.

    Called each time an agent opens a contact; keep it to one quick query.

    :param host: the host as this plugin sees it.
    :param contact: the contact on the page.
    :return: panels.
    :since: API 3

    Example::

        @hookimpl
        def contact_panels(host, contact):
            return [Panel("Calls", rows=(("Answered", "3"), ("Missed", "1")))]
    """


@hookspec
def contact_actions(host: Host, contact: ContactSummary) -> Sequence[Action]:
    """Buttons of a contact, such as "Call".

    Called each time an agent opens a contact, or a conversation with them.

    :param host: the host as this plugin sees it.
    :param contact: the contact on the page.
    :return: actions.
    :since: API 3

    Example::

        @hookimpl
        def contact_actions(host, contact):
            return [Action(f"Call {value}", f"/call?to={value}", icon="phone") for kind, value in contact.addresses if kind == "phone"]
    """


@hookspec
def account_panels(host: Host, account: Account) -> Sequence[Panel]:
    """Boxes on the page of one of the plugin's accounts: snippets to copy, counts, hints.

    Called each time an admin opens the page of an account; only the account's own plugin is called. The address of its webhook stands there
    already.

    :param host: the host as this plugin sees it.
    :param account: the account, without its secrets.
    :return: panels.
    :since: API 1

    Example::

        @hookimpl
        def account_panels(host, account):
            return [Panel("Letters", rows=(("This week", str(host.account_stats(account.id).received_last_week)),))]
    """


# ------------------------------------------------------------------------------------------ announce ----
@hookspec
def message_received(host: Host, message: MessageSummary) -> None:
    """A message from a contact was stored.

    Called after the commit, for every channel, once for each new message; not for duplicates, not for bounces.

    :param host: the host as this plugin sees it.
    :param message: the stored message and its conversation; `message.conversation.channel` is the name of the plugin it came through.
    :since: API 1

    Example::

        @hookimpl
        def message_received(host, message):
            host.store.increment("received")
    """


@hookspec
def message_sent(host: Host, message: MessageSummary) -> None:
    """A message was taken by its provider.

    Called after the commit that records it as sent, for every channel.

    :param host: the host as this plugin sees it.
    :param message: the message; `raw_sha256` names the bytes that were sent when the channel gave them.
    :since: API 1

    Example::

        @hookimpl
        def message_sent(host, message):
            host.store.increment("sent")
    """


@hookspec
def delivery_failed(host: Host, failure: DeliveryFailed) -> None:
    """A message could not be sent and is not tried again by itself.

    Called after the commit that records the failure; not for attempts that will be repeated.

    :param host: the host as this plugin sees it.
    :param failure: the message and the reason that agents see.
    :since: API 1

    Example::

        @hookimpl
        def delivery_failed(host, failure):
            host.store.increment("failed")
    """


@hookspec
def conversation_created(host: Host, conversation: ConversationSummary, message: MessageSummary | None) -> None:
    """A conversation was opened, by a contact's first message or by an agent.

    Called after the commit and before `message_received` of its first message.

    :param host: the host as this plugin sees it.
    :param conversation: the new conversation.
    :param message: the inbound message that opened it, or None when an agent did.
    :since: API 1

    Example::

        @hookimpl
        def conversation_created(host, conversation, message):
            host.send_automatic(conversation.id, "We have your message.")
    """


@hookspec
def conversation_changed(host: Host, change: ConversationChanged) -> None:
    """The status, the tags or the assignee of a conversation changed.

    Called after the commit, for every channel, once for each change by an agent, a rule or a provider; not when a conversation is opened.

    :param host: the host as this plugin sees it.
    :param change: what changed; leave those alone that your own provider told you (`is_from_provider`).
    :since: API 3

    Example::

        @hookimpl
        def conversation_changed(host, change):
            if change.conversation.status == "resolved":
                host.store.increment("resolved")
    """


@hookspec
def account_saved(host: Host, saved: AccountSaved) -> None:
    """One of the plugin's accounts was created or its settings changed.

    Called after the commit, for the account's own plugin only.

    :param host: the host as this plugin sees it.
    :param saved: which account, and whether it is new.
    :since: API 1

    Example::

        @hookimpl
        def account_saved(host, saved):
            host.store.set("last_saved", saved.account_id)
    """


@hookspec
def housekeeping_due(host: Host, now: datetime) -> None:
    """Time to throw away what is no longer needed.

    Called about once an hour by the worker. Deprecated since API 2: bring a job in `register_jobs` instead.

    :param host: the host as this plugin sees it.
    :param now: the current moment, aware, in UTC.
    :since: API 1

    Example::

        @hookimpl
        def housekeeping_due(host, now):
            host.store.delete("last_saved")
    """


# -------------------------------------------------------------------------------------------- filter ----
@hookspec
def filter_inbound(host: Host, message: InboundMessage, account: Account) -> InboundMessage | None:
    """Change a message before it is stored.

    Called for each new message of every channel, after translation and the check for duplicates, before the commit. Keep it pure:
    the same message may be filtered again after a crash. One that fails is skipped and the message goes on as it was.

    :param host: the host as this plugin sees it.
    :param message: the message so far.
    :param account: the account it came through, without secrets.
    :return: a changed copy (`dataclasses.replace`), or None to leave it.
    :since: API 1

    Example::

        @hookimpl
        def filter_inbound(host, message, account):
            return replace(message, subject=message.subject.removeprefix("[EXTERNAL] "))
    """


@hookspec
def filter_outbound(host: Host, message: OutboundMessage, account: Account) -> OutboundMessage | None:
    """Change a message before it is handed to its channel.

    Called by the worker before each attempt, for every channel; what it returns is sent, what agents see is not changed.

    :param host: the host as this plugin sees it.
    :param message: the message so far.
    :param account: the account it leaves through, without secrets.
    :return: a changed copy, or None to leave it.
    :since: API 1

    Example::

        @hookimpl
        def filter_outbound(host, message, account):
            return replace(message, text=message.text + "\\n\\nSent with Tidings")
    """


# ----------------------------------------------------------------------------------------------- ask ----
@hookspec
def match_contact(host: Host, sender: Participant) -> Participant | None:
    """Which known address stands for this sender?

    Called when a message comes from an address that no contact has yet. The first answer that names an existing address wins;
    without one the host makes a new contact.

    :param host: the host as this plugin sees it.
    :param sender: the unknown address.
    :return: another address of the same person, or None.
    :since: API 1

    Example::

        @hookimpl
        def match_contact(host, sender):
            return replace(sender, value=sender.value.replace("+shop@", "@"))
    """


@hookspec
def choose_team(host: Host, message: InboundMessage, account: Account) -> int | None:
    """Which team gets a new conversation?

    Called when a message opens a conversation. The first answer wins; the core answers last with the account's own team.

    :param host: the host as this plugin sees it.
    :param message: the message that opens it.
    :param account: the account it came through, without secrets.
    :return: the id of a team, or None.
    :since: API 1

    Example::

        @hookimpl
        def choose_team(host, message, account):
            return host.store.get("night_team")
    """


@hookspec
def choose_sending_account(host: Host, conversation: ConversationSummary, account: Account) -> int | None:
    """Through which account do answers of a conversation leave?

    Called when an answer is queued. The first answer wins; the core answers last: the conversation's own account if its channel
    can send, else the first account that can reach the contact.

    :param host: the host as this plugin sees it.
    :param conversation: the conversation that is answered.
    :param account: the account it came through, without secrets.
    :return: the id of an account, or None.
    :since: API 1

    Example::

        @hookimpl
        def choose_sending_account(host, conversation, account):
            return account.settings.get("answer_from") or None
    """
