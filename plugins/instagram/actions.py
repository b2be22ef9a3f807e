"""Buttons of agents: hide a comment and show it again."""

from collections.abc import Callable, Sequence

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound

from connectors.meta_graph.comments import hide_on_instagram
from plugins.instagram import threads
from plugins.instagram.graph import page_client
from plugins.instagram.names import COMMENT_ON
from tidings import Account, Action, ChannelError, ConversationSummary, Host, MessageSummary, Route

__all__ = ["action_routes", "message_actions"]


def message_actions(
    host: Host, conversation: ConversationSummary, messages: Sequence[MessageSummary]
) -> Sequence[Action]:
    """ "Hide" and "Show again" beside comments of others."""
    if conversation.channel != host.plugin:
        return []
    return [_comment_action(host, one) for one in messages if one.direction == "inbound" and COMMENT_ON in one.fields]


def _comment_action(host: Host, message: MessageSummary) -> Action:
    target = f"{message.account_id}/{message.external_id}"
    if threads.is_hidden(host, message.account_id, message.external_id):
        return Action(host.gettext("Show again"), f"/show/{target}", icon="eye", message_id=message.id)
    return Action(host.gettext("Hide"), f"/hide/{target}", icon="x", message_id=message.id)


def action_routes(host: Host) -> Sequence[Route]:
    """Where the buttons lead."""

    def hide(request: Request, account_id: int, comment_id: str) -> Response:
        return _done(host, lambda: _set_hidden(host, _account(host, account_id), comment_id, hidden=True))

    def show(request: Request, account_id: int, comment_id: str) -> Response:
        return _done(host, lambda: _set_hidden(host, _account(host, account_id), comment_id, hidden=False))

    return [
        Route("/hide/<int:account_id>/<comment_id>", hide, "hide", ("POST",)),
        Route("/show/<int:account_id>/<comment_id>", show, "show", ("POST",)),
    ]


def _set_hidden(host: Host, account: Account, comment_id: str, *, hidden: bool) -> str:
    with page_client(host, account) as client:
        hide_on_instagram(client, comment_id, is_hidden=hidden)
    threads.note_hidden(host, account.id, comment_id, hidden=hidden)
    return host.gettext("The comment is hidden.") if hidden else host.gettext("The comment is shown again.")


def _account(host: Host, account_id: int) -> Account:
    account = host.account(account_id)
    if account is None:
        raise NotFound
    return account


def _done(host: Host, act: Callable[[], str]) -> Response:
    try:
        text = act()
    except ChannelError as error:
        text = str(error)
    answer: Response = host.done(text)
    return answer
