"""Earlier conversations of a page or its Instagram account, newest first, for what came before the webhooks.

https://developers.facebook.com/docs/messenger-platform/conversations: Meta gives the details of the 20 newest messages of each
conversation; older ones are listed and refused, which `read_message` tells as None.
"""

from __future__ import annotations

from connectors.meta_graph.client import GraphClient
from connectors.meta_graph.faults import GraphRejected, Refusal
from connectors.meta_graph.json_fields import Fields, fields, items, number, text, time
from connectors.meta_graph.types import Conversation, Listing, Person, Platform, StoredAttachment, StoredMessage

_CONVERSATION_FIELDS = "id,updated_time,participants,message_count,unread_count,link"
_MESSAGE_FIELDS = "id,created_time,from,to,message,attachments,sticker"


def list_conversations(
    page: GraphClient, page_id: str, platform: Platform = "messenger", *, after: str | None = None, limit: int = 25
) -> Listing[Conversation]:
    """Return one page of the conversations, the most recently changed first. Raises as `GraphClient.get`."""
    params = {"platform": platform, "fields": _CONVERSATION_FIELDS, "limit": limit}
    return page.listing(f"{page_id}/conversations", params, _conversation, after=after)


def find_conversation(
    page: GraphClient, page_id: str, person_id: str, platform: Platform = "messenger"
) -> Conversation | None:
    """Return the conversation with one person, None where there is none."""
    params = {"platform": platform, "fields": _CONVERSATION_FIELDS, "user_id": person_id}
    found = page.listing(f"{page_id}/conversations", params, _conversation).items
    return found[0] if found else None


def list_messages(
    page: GraphClient, conversation_id: str, *, after: str | None = None, limit: int = 25
) -> Listing[StoredMessage]:
    """Return one page of the messages of a conversation, the newest first."""
    params = {"fields": _MESSAGE_FIELDS, "limit": limit}
    return page.listing(f"{conversation_id}/messages", params, _message, after=after)


def read_message(page: GraphClient, message_id: str) -> StoredMessage | None:
    """Return one message, None where it was deleted or is older than what Meta gives."""
    try:
        return _message(page.get(message_id, {"fields": _MESSAGE_FIELDS}))
    except GraphRejected as error:
        if error.refusal is Refusal.NOT_FOUND:
            return None
        raise


def person(item: object) -> Person:
    """Return who a "from" or a participant is; Instagram gives user names instead of names."""
    found = fields(item)
    return Person(text(found.get("id")), text(found.get("name")) or text(found.get("username")))


def _conversation(item: Fields) -> Conversation:
    return Conversation(
        id=text(item.get("id")),
        updated_at=time(item.get("updated_time")),
        participants=tuple(map(person, items(item.get("participants")))),
        message_count=number(item.get("message_count")) or 0,
        unread_count=number(item.get("unread_count")) or 0,
        link=text(item.get("link")),
    )


def _message(item: Fields) -> StoredMessage:
    attached = tuple(map(_attachment, items(item.get("attachments"))))
    sticker = text(item.get("sticker"))
    stickers = (StoredAttachment("", "image/png", "sticker.png", sticker),) if sticker and not attached else ()
    return StoredMessage(
        id=text(item.get("id")),
        created_at=time(item.get("created_time")),
        sender=person(item.get("from")),
        recipients=tuple(map(person, items(item.get("to")))),
        text=text(item.get("message")),
        attachments=attached or stickers,
    )


def _attachment(item: Fields) -> StoredAttachment:
    seen = fields(item.get("image_data")) or fields(item.get("video_data"))
    return StoredAttachment(
        id=text(item.get("id")),
        mime_type=text(item.get("mime_type")),
        name=text(item.get("name")),
        url=text(item.get("file_url")) or text(seen.get("url")),
        size=number(item.get("size")),
    )
