"""Hooks that change a message on its way."""

# mypy: disable-error-code="empty-body"
# The specifications have no bodies: pluggy reads their signatures, people their docstrings.

from app.plugin_api.channel import Account
from app.plugin_api.hookspecs.markers import hookspec
from app.plugin_api.host import Host
from app.plugin_api.messages import InboundMessage, OutboundMessage

__all__ = [
    "filter_inbound",
    "filter_outbound",
]


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
