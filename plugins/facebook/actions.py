"""Buttons of agents: take a conversation over from another app of the page, hide a comment and show it again."""

from collections.abc import Callable, Sequence

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound

from connectors.meta_graph import GraphRejected, Refusal
from connectors.meta_graph import comments as graph_comments
from connectors.meta_graph.handover import request_control, take_control
from plugins.facebook import threads
from plugins.facebook.graph import page_client
from plugins.facebook.names import COMMENT_ON
from tidings import Account, Action, ChannelError, ConversationSummary, Host, MessageSummary, Route

__all__ = ["action_routes", "conversation_actions", "message_actions"]


def conversation_actions(host: Host, conversation: ConversationSummary) -> Sequence[Action]:
    """ "Take over" where another app answers this person."""
    account = host.account(conversation.account_id) if conversation.channel == host.plugin else None
    if account is None or not threads.is_held_elsewhere(host, account.id, conversation.contact_address):
        return []
    return [
        Action(host.gettext("Take over"), f"/take-over/{account.id}/{conversation.contact_address}", icon="user-check")
    ]


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

    def take_over(request: Request, account_id: int, person_id: str) -> Response:
        return _done(host, lambda: _take_over(host, _account(host, account_id), person_id))

    def hide(request: Request, account_id: int, comment_id: str) -> Response:
        return _done(host, lambda: _set_hidden(host, _account(host, account_id), comment_id, hidden=True))

    def show(request: Request, account_id: int, comment_id: str) -> Response:
        return _done(host, lambda: _set_hidden(host, _account(host, account_id), comment_id, hidden=False))

    return [
        Route("/take-over/<int:account_id>/<person_id>", take_over, "take_over", ("POST",)),
        Route("/hide/<int:account_id>/<comment_id>", hide, "hide", ("POST",)),
        Route("/show/<int:account_id>/<comment_id>", show, "show", ("POST",)),
    ]


def _take_over(host: Host, account: Account, person_id: str) -> str:
    """Take it where Meta lets this app; else ask the app that has it."""
    page_id = str(account.settings.get("page_id"))
    with page_client(host, account) as client:
        try:
            take_control(client, page_id, person_id, "Tidings")
        except GraphRejected as error:
            if error.refusal not in (Refusal.THREAD_ELSEWHERE, Refusal.NO_PERMISSION):
                raise
            request_control(client, page_id, person_id, "Tidings")
            return host.gettext("The other app was asked for this conversation.")
    threads.note_holder(host, account.id, person_id, is_us=True)
    return host.gettext("This conversation is yours now.")


def _set_hidden(host: Host, account: Account, comment_id: str, *, hidden: bool) -> str:
    with page_client(host, account) as client:
        graph_comments.hide(client, comment_id, is_hidden=hidden)
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
