"""X's webhooks outside of an installation: is one signed, and what does it tell."""

from collections.abc import Mapping, Sequence

from connectors.x_api import (
    Event,
    Unreadable,
    UnreadableWebhook,
    crc_answer,
    is_signed,
    pair_id,
    parse,
    read_legacy_message,
    read_legacy_post,
)
from tidings import BadSignature, UnrecognisedPayload, WebhookEvent, WebhookReader, WebhookRequest

__all__ = ["x_reader"]


def x_reader() -> WebhookReader:
    """The reader of the provider "x"."""
    return WebhookReader(
        "x", verify=_verify, read=_read, answer_challenge=lambda secret, token: crc_answer(token, secret)
    )


def _verify(secret: str, request: WebhookRequest) -> None:
    if not is_signed(request.body, request.headers, [secret]):
        raise BadSignature("The body is not signed with this secret.")


def _read(request: WebhookRequest) -> Sequence[WebhookEvent]:
    try:
        return [_event(one) for one in parse(request.body)]
    except (UnreadableWebhook, Unreadable) as error:
        raise UnrecognisedPayload(str(error)) from error


def _event(event: Event) -> WebhookEvent:
    read = _READERS.get(event.kind)
    return read(event) if read else WebhookEvent("other", event.id, sender_id=event.sender_id, sent_at=event.at)


def _post(event: Event) -> WebhookEvent:
    """X does not name the thread here: an answer is filed under what it answers."""
    post = read_legacy_post(event.item)
    return WebhookEvent(
        "other" if post.is_repost else "message",
        external_id=post.id,
        conversation_key=post.in_reply_to.id if post.in_reply_to else post.id,
        sender_id=post.author.id,
        sender_name=post.author.name,
        text=post.text,
        attachments=len(post.media),
        sent_at=post.created_at,
        is_echo=post.author.id == event.for_user_id,
    )


def _message(event: Event) -> WebhookEvent:
    users = event.body.get("users")
    message = read_legacy_message(event.item, users if isinstance(users, Mapping) else {})
    return WebhookEvent(
        "message",
        external_id=message.id,
        conversation_key=message.conversation_id,
        sender_id=message.sender.id,
        sender_name=message.sender.name,
        text=message.text,
        attachments=len(message.media),
        sent_at=message.created_at,
        is_echo=message.sender.id == event.for_user_id,
    )


def _deleted(event: Event) -> WebhookEvent:
    return WebhookEvent("delete", event.id, conversation_key=event.id, sender_id=event.sender_id, sent_at=event.at)


def _read_up_to(event: Event) -> WebhookEvent:
    key = pair_id(event.sender_id, event.for_user_id)
    return WebhookEvent("read", event.id, conversation_key=key, sender_id=event.sender_id, sent_at=event.at)


_READERS = {"post": _post, "message": _message, "delete": _deleted, "read": _read_up_to}
