"""Hooks that announce what happened, after the commit."""

# mypy: disable-error-code="empty-body"
# The specifications have no bodies: pluggy reads their signatures, people their docstrings.

from datetime import datetime

from app.domain.events import AccountSaved, ConversationChanged, ConversationSummary, DeliveryFailed, MessageSummary
from app.plugin_api.hookspecs.markers import hookspec
from app.plugin_api.host import Host

__all__ = [
    "account_saved",
    "conversation_changed",
    "conversation_created",
    "delivery_failed",
    "housekeeping_due",
    "message_received",
    "message_sent",
]


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

    Called after the commit that records it as sent, for every channel; since API 3 for what was written in another program, too.

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
    """A message could not be sent and is not tried again by itself, or it came back from all of its recipients.

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
    """One of the plugin's accounts was created, its settings changed, or it was paused or let go on.

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
