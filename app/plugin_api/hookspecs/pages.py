"""Hooks that collect for a page: boxes, buttons and ways to pages of plugins."""

# mypy: disable-error-code="empty-body"
# The specifications have no bodies: pluggy reads their signatures, people their docstrings.

from collections.abc import Sequence

from app.domain.events import ContactSummary, ConversationSummary, MessageSummary, Viewer
from app.plugin_api.channel import Account
from app.plugin_api.hookspecs.markers import hookspec
from app.plugin_api.host import Host
from app.plugin_api.registrations import Action, NavLink, Panel

__all__ = [
    "account_panels",
    "contact_actions",
    "contact_panels",
    "conversation_actions",
    "conversation_panels",
    "dashboard_panels",
    "message_actions",
    "navigation_links",
]


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
def navigation_links(host: Host, viewer: Viewer) -> Sequence[NavLink]:
    """Ways to the plugin's own pages in the navigation: in the rail below the core's sections, on a phone under "More".

    Called for every page that an agent opens; keep it to one quick query, and give nothing where there is nothing to see yet.

    :param host: the host as this plugin sees it.
    :param viewer: the agent who looks.
    :return: links. One to a page that the agent may not open is left out.
    :since: API 3

    Example::

        @hookimpl
        def navigation_links(host, viewer):
            return [NavLink("Calls", "/calls", icon="phone", badge=2)]
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
            numbers = [value for kind, value in contact.addresses if kind == "phone"]
            return [Action(f"Call {value}", f"/call?to={value}", icon="phone") for value in numbers]
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
