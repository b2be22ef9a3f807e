"""Reads what is at Meta already: earlier conversations, and what no webhook brought while one of us was away.

Everything becomes the webhook that Meta would have sent, with the same key, so that it is stored once however it came.
"""

from datetime import datetime, timedelta

from connectors.meta_graph import GraphClient, every
from connectors.meta_graph import history as graph_history
from connectors.meta_graph.types import Conversation, Listing, StoredAttachment, StoredMessage
from connectors.meta_graph.webhook_parts import body_of
from plugins.instagram.webhook import CONTENT_TYPE
from tidings import Account, Host, RawEvent

__all__ = ["JUST_NOW", "conversations_since", "events_of"]

JUST_NOW = timedelta(minutes=5)
"""What the page wrote so lately may be an answer of ours whose receipt is not stored yet; it is read again next time."""
MOST_CONVERSATIONS, MOST_MESSAGES = 5000, 500
PAGE_SIZE = 50


def conversations_since(client: GraphClient, account: Account, since: datetime) -> list[Conversation]:
    """Conversations that changed since then, the one that changed longest ago first."""
    page_id = str(account.settings.get("page_id"))

    def listing(after: str | None) -> Listing[Conversation]:
        return graph_history.list_conversations(client, page_id, "instagram", after=after, limit=PAGE_SIZE)

    found: list[Conversation] = []
    for one in every(listing, most=MOST_CONVERSATIONS):
        if one.updated_at is None or one.updated_at < since:
            break
        found.append(one)
    return found[::-1]


def events_of(
    host: Host, client: GraphClient, account: Account, conversation: Conversation, since: datetime
) -> tuple[RawEvent, ...]:
    """The messages of a conversation since then, oldest first, as the webhooks they would have been."""

    def listing(after: str | None) -> Listing[StoredMessage]:
        return graph_history.list_messages(client, conversation.id, after=after, limit=PAGE_SIZE)

    found: list[RawEvent] = []
    for message in every(listing, most=MOST_MESSAGES):
        if message.created_at is None or message.created_at < since:
            break
        if _is_readable(message) and not _is_too_fresh(host, account, message):
            found.append(_event(account, conversation, message))
    return tuple(found[::-1])


def own_ids(account: Account) -> set[str]:
    """Under which ids Meta names the account itself."""
    return {str(account.settings.get("instagram_id")), str(account.settings.get("page_id"))}


def _is_readable(message: StoredMessage) -> bool:
    """Meta lists older messages without what was said in them."""
    return bool(message.id and message.sender.id and (message.text or message.attachments))


def _is_too_fresh(host: Host, account: Account, message: StoredMessage) -> bool:
    if message.sender.id not in own_ids(account):
        return False
    return message.created_at is not None and message.created_at > host.now() - JUST_NOW


def _event(account: Account, conversation: Conversation, message: StoredMessage) -> RawEvent:
    own_id, is_ours = str(account.settings.get("instagram_id")), message.sender.id in own_ids(account)
    people = [one.id for one in (*message.recipients, *conversation.participants) if one.id not in own_ids(account)]
    person = people[0] if people and is_ours else message.sender.id
    content: dict[str, object] = {"mid": message.id, "attachments": [_attachment(one) for one in message.attachments]}
    content |= {"text": message.text} if message.text else {}
    content |= {"is_echo": True} if is_ours else {}
    assert message.created_at is not None
    item = {
        "sender": {"id": own_id if is_ours else person},
        "recipient": {"id": person if is_ours else own_id},
        "timestamp": int(message.created_at.timestamp() * 1000),
        "message": content,
    }
    body = body_of("instagram", {"id": own_id, "messaging": [item]})
    return RawEvent(body, f"m:{message.id}", CONTENT_TYPE)


def _attachment(file: StoredAttachment) -> dict[str, object]:
    first = file.mime_type.partition("/")[0]
    kind = first if first in ("image", "audio", "video") else "file"
    return {"type": kind, "payload": {"url": file.url}, "title": file.name}
