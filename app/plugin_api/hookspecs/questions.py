"""Hooks that ask: the first answer that is not empty wins."""

# mypy: disable-error-code="empty-body"
# The specifications have no bodies: pluggy reads their signatures, people their docstrings.

from app.domain.events import ConversationSummary
from app.plugin_api.channel import Account
from app.plugin_api.hookspecs.markers import hookspec
from app.plugin_api.host import Host
from app.plugin_api.messages import InboundMessage, Participant

__all__ = [
    "choose_sending_account",
    "choose_team",
    "match_contact",
]


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
