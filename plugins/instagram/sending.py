"""Hands an answer to Meta: a direct message, text under a comment, or one private answer to a comment."""

from datetime import timedelta

from connectors.meta_graph import GraphClient, GraphRejected, comments, history, messenger
from connectors.meta_graph.messenger import MOST_INSTAGRAM_TEXT_BYTES
from plugins.instagram.history import own_ids
from plugins.instagram.names import PRIVATE, comment_of, person_of
from tidings import Account, OutboundMessage, Permanent, SendReceipt

__all__ = ["send", "was_sent"]

LEEWAY = timedelta(minutes=2)
"""How much Meta's clock may be behind ours."""


def send(client: GraphClient, account: Account, message: OutboundMessage) -> SendReceipt:
    """Send it. Raises `ConnectorError`, or `Permanent` for what Instagram never takes."""
    _check(message)
    root_id = comment_of(message.thread_key)
    if root_id and message.choice == PRIVATE:
        return SendReceipt(messenger.send_private_reply(client, _page_id(account), root_id, message.text).message_id)
    if root_id:
        return SendReceipt(comments.reply_on_instagram(client, root_id, message.text))
    return SendReceipt(_in_window(client, account, message))


def was_sent(client: GraphClient, account: Account, message: OutboundMessage) -> bool | None:
    """Whether the person has it already; what stands under a comment cannot be told."""
    if comment_of(message.thread_key) and message.choice != PRIVATE:
        return None
    person_id = person_of(message.thread_key) or message.to[0].value
    conversation = history.find_conversation(client, _page_id(account), person_id, "instagram")
    listed = history.list_messages(client, conversation.id, limit=20).items if conversation else ()
    return any(
        one.sender.id in own_ids(account)
        and one.text == message.text
        and one.created_at is not None
        and one.created_at >= message.created_at - LEEWAY
        for one in listed
    )


def _in_window(client: GraphClient, account: Account, message: OutboundMessage) -> str:
    """As an answer; where the 24 hours are over and a person wrote it, with the tag for that if the app may use it."""
    person_id = person_of(message.thread_key)
    try:
        return messenger.send_text(client, _page_id(account), person_id, message.text).message_id
    except GraphRejected as error:
        if not error.is_outside_window or message.is_automatic or not account.settings.get("human_agent"):
            raise
    return messenger.send_text(client, _page_id(account), person_id, message.text, tag="HUMAN_AGENT").message_id


def _check(message: OutboundMessage) -> None:
    if not message.thread_key:
        raise Permanent("Instagram takes messages only to people who wrote first.")
    size = len(message.text.encode())
    if size > MOST_INSTAGRAM_TEXT_BYTES:
        raise Permanent(
            f"Instagram takes at most {MOST_INSTAGRAM_TEXT_BYTES:,} bytes in a message; this one has {size:,}. Letters beyond ASCII "
            "count two to four."
        )
    if not message.text.strip():
        raise Permanent("There is nothing in the message.")


def _page_id(account: Account) -> str:
    return str(account.settings.get("page_id"))
