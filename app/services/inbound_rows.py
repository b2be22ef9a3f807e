"""The rows of one inbound message: itself, what it names, its files, its delivery, its search entry. Statements are prepared once,
because putting them together would cost more than running them."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert

from app.domain.dangerous_files import danger_of_file
from app.domain.text import clean_line
from app.models import Attachment, DeliveryState, Direction, Message, MessageDelivery, MessageReference
from app.plugin_api.messages import InboundMessage, Participant
from app.services.core import Core, Unit, insert_row
from app.services.indexing import body_of, index_message, people_of
from app.services.message_traits import stored_traits

__all__ = ["FileRow", "add_delivery", "attachment_rows", "insert_attachments", "insert_message"]

FileRow = dict[str, Any]
"""The row of an attachment that does not know its message yet."""

_LONGEST_TEXT = 2_000_000
_THEIRS = {"direction": Direction.INBOUND}
_OURS = {"direction": Direction.OUTBOUND, "delivery_state": DeliveryState.SENT}
_INSERT_MESSAGE = insert(Message.__table__)
_INSERT_REFERENCE = insert(MessageReference.__table__)
_INSERT_DELIVERY = insert(MessageDelivery.__table__)
_INSERT_ATTACHMENT = insert(Attachment.__table__)


def insert_message(unit: Unit, message: InboundMessage, **place: Any) -> int:
    """Write a message, what it names and what it is found by; returns its id.

    `place`: the columns account_id, conversation_id, contact_id, joined_by and raw_sha256.
    """
    said, people = _said(message), _people(message)
    side = _OURS if message.is_echo else _THEIRS
    values = {**side, "is_automatic": False, "created_at": unit.now, **place, **people, **said}
    message_id = insert_row(unit.connection, _INSERT_MESSAGE, values)
    references = dict.fromkeys(r[:500] for r in (*message.references[-50:], message.in_reply_to or "") if r)
    if references:
        rows = [{"message_id": message_id, "reference": reference} for reference in references]
        unit.connection.execute(_INSERT_REFERENCE, rows)
    index_message(
        unit.connection,
        conversation_id=place["conversation_id"],
        message_id=message_id,
        subject=said["subject"],
        people=people_of(people["sender_name"], people["sender_value"], people["recipients"]),
        body=body_of(said["text"], said["answers"]),
    )
    return message_id


def add_delivery(unit: Unit, message_id: int, account_id: int, key: str, event_id: int) -> None:
    """Note that a message arrived on an account."""
    values = {
        "message_id": message_id, "account_id": account_id, "dedupe_key": key, "event_id": event_id, "received_at": unit.now,
    }  # fmt: skip
    unit.connection.execute(_INSERT_DELIVERY, values)


def attachment_rows(core: Core, message: InboundMessage) -> list[FileRow]:
    """Store the bytes of a message's files and give their rows."""
    return [
        {
            "filename": clean_line(a.filename, 255) or "attachment",
            "content_type": clean_line(a.content_type, 120).lower() or "application/octet-stream",
            "size": len(a.data),
            "sha256": core.files.put(a.data),
            "is_inline": a.inline,
            "content_id": a.content_id[:255] if a.content_id else None,
            "danger": danger_of_file(a.filename, a.data),
        }
        for a in message.attachments
    ]


def insert_attachments(unit: Unit, message_id: int, rows: list[FileRow]) -> None:
    """Write what `attachment_rows` made."""
    if rows:
        unit.connection.execute(_INSERT_ATTACHMENT, [{**row, "message_id": message_id} for row in rows])


def _said(message: InboundMessage) -> dict[str, Any]:
    """The columns of what a message says, cut to what they hold."""
    text = _storable(message.text)
    reply_text = _storable(message.reply_text) if message.reply_text is not None else None
    return {
        "kind": message.kind.value,
        "sent_at": message.sent_at,
        "external_id": message.external_id[:500],
        "content_key": message.content_key[:64],
        "in_reply_to": message.in_reply_to[:500] if message.in_reply_to else None,
        "accepts_auto_reply": message.accepts_auto_reply,
        "fields": dict(message.fields),
        "answers": dict(message.answers) or None,
        "defects": list(message.defects)[:50],
        **_trust(message),
        "traits": stored_traits(message.traits),
        "subject": clean_line(message.subject, 500),
        "text": text,
        "reply_text": None if reply_text == text else reply_text,
        "html": _storable(message.html) if message.html else None,
    }


def _trust(message: InboundMessage) -> dict[str, Any]:
    """The columns of who vouches for a message and what agents should know of it."""
    vouched = message.authenticity
    warnings = [{"kind": one.kind, "text": one.text, "data": dict(one.data)} for one in message.warnings]
    return {"authenticity": asdict(vouched) if vouched else None, "warnings": warnings or None}


def _people(message: InboundMessage) -> dict[str, Any]:
    """The columns of who is on a message."""
    return {
        "sender_kind": message.sender.kind,
        "sender_value": message.sender.value[:320],
        "sender_name": clean_line(message.sender.name, 200),
        "recipients": _recipients(message),
    }


def _storable(text: str) -> str:
    return text.replace("\0", "")[:_LONGEST_TEXT]


def _recipients(message: InboundMessage) -> dict[str, list[dict[str, str]]]:
    named = {person.value.lower() for person in (*message.to, *message.cc)}
    unnamed = [Participant(message.sender.kind, one) for one in message.delivered_to if one.lower() not in named]
    groups = {"to": message.to, "cc": message.cc, "reply_to": message.reply_to, "delivered_to": unnamed}
    return {key: [_person(person) for person in people[:200]] for key, people in groups.items() if people}


def _person(participant: Participant) -> dict[str, str]:
    return {"kind": participant.kind, "value": participant.value[:320], "name": clean_line(participant.name, 200)}
