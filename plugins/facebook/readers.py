"""Meta's webhooks outside of an installation: is one signed, and what does it tell. Pages, Instagram and WhatsApp are signed alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.meta_graph import UnreadableWebhook, events, is_signed, parse
from connectors.meta_graph.webhooks import SIGNATURE_HEADER
from tidings import BadSignature, UnrecognisedPayload, WebhookEvent, WebhookReader, WebhookRequest

__all__ = ["meta_reader"]


def meta_reader() -> WebhookReader:
    """The reader of the provider "meta"."""
    return WebhookReader("meta", verify=_verify, read=_read)


def _verify(secret: str, request: WebhookRequest) -> None:
    if not is_signed(request.body, request.headers.get(SIGNATURE_HEADER), [secret]):
        raise BadSignature("The body is not signed with this secret.")


def _read(request: WebhookRequest) -> Sequence[WebhookEvent]:
    try:
        return [_event(one) for one in parse(request.body)]
    except UnreadableWebhook as error:
        raise UnrecognisedPayload(str(error)) from error


def _event(event: events.Event) -> WebhookEvent:
    if type(event) not in _READERS:
        return WebhookEvent("other", sent_at=event.at)
    read, *told = _READERS[type(event)]
    found: WebhookEvent = read(event, *told)
    return found


def _person(event: events.MessagingEvent, kind: str) -> WebhookEvent:
    """What happens between a page and a person; each of these events has some of the fields."""
    return WebhookEvent(
        kind,
        external_id=getattr(event, "mid", ""),
        conversation_key=event.person_id,
        sender_id=event.sender_id,
        text=getattr(event, "text", "") or getattr(event, "title", "") or getattr(event, "emoji", ""),
        attachments=len(getattr(event, "attachments", ())),
        sent_at=event.at,
        is_echo=isinstance(event, events.Echo) or getattr(event, "is_echo", False),
    )


def _comment(event: events.CommentChanged) -> WebhookEvent:
    kinds = {"add": "message", "edited": "edit", "remove": "delete"}
    author = event.author
    return WebhookEvent(
        kinds.get(event.verb, "other"),
        external_id=event.comment_id,
        conversation_key=event.parent_id or event.comment_id,
        sender_id=author.id if author else "",
        sender_name=author.name if author else "",
        text=event.text,
        attachments=1 if event.photo_url else 0,
        sent_at=event.at,
        is_echo=event.is_by_page,
    )


def _whatsapp(event: events.WhatsAppEvent, kind: str, external_id: str) -> WebhookEvent:
    """`external_id`: the field that names the message it is about."""
    message, is_echo = getattr(event, "message", event), getattr(event, "is_echo", False)
    return WebhookEvent(
        kind,
        external_id=getattr(event, external_id),
        conversation_key=event.wa_id or event.user_id,
        sender_id=event.display_number if is_echo else event.wa_id or event.user_id,
        sender_name="" if is_echo else event.name,
        text=getattr(message, "text", "") or getattr(event, "emoji", ""),
        attachments=len(getattr(message, "files", ())),
        sent_at=event.at,
        is_echo=is_echo,
    )


def _status(event: events.WhatsAppStatus) -> WebhookEvent:
    kind = "read" if event.status in ("read", "played") else "other"
    return WebhookEvent(
        kind, external_id=event.id, conversation_key=event.wa_id, sender_id=event.wa_id, sent_at=event.at
    )


_READERS: Mapping[type[events.Event], tuple[Any, ...]] = {
    events.Message: (_person, "message"),
    events.Echo: (_person, "message"),
    events.Postback: (_person, "message"),
    events.Edited: (_person, "edit"),
    events.Deleted: (_person, "delete"),
    events.Read: (_person, "read"),
    events.Reacted: (_person, "reaction"),
    events.CommentChanged: (_comment,),
    events.WhatsAppMessage: (_whatsapp, "message", "id"),
    events.WhatsAppEdited: (_whatsapp, "edit", "original_id"),
    events.WhatsAppDeleted: (_whatsapp, "delete", "original_id"),
    events.WhatsAppReacted: (_whatsapp, "reaction", "message_id"),
    events.WhatsAppStatus: (_status,),
}
"""Kind of event → the function that reads it and what else that is told."""
