"""Reads one change of a WhatsApp business account: messages in, messages that the business wrote in its own app, delivery states.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict

from connectors.meta_graph.events import (
    Event,
    Location,
    MessageError,
    Referral,
    Unknown,
    WhatsAppDeleted,
    WhatsAppEdited,
    WhatsAppFile,
    WhatsAppMessage,
    WhatsAppNumberChanged,
    WhatsAppReacted,
    WhatsAppStatus,
)
from connectors.meta_graph.json_fields import Fields, fields, items, number, text, time

_OBJECT = "whatsapp_business_account"
_FILES = ("image", "video", "audio", "document", "sticker")


class _Head(TypedDict):
    object: str
    entry_id: str
    at: Any
    raw: Fields
    number_id: str
    display_number: str
    wa_id: str
    name: str
    user_id: str


def read_whatsapp(entry_id: str, name: str, value: Fields, at: datetime | None) -> Iterator[Event]:
    """Yield the events of one change; `name` is its field. One that holds none of the three lists is one `Unknown`."""
    lists = {key: items(value.get(key)) for key in ("messages", "message_echoes", "statuses")}
    for item in lists["messages"]:
        yield _message(
            _head(entry_id, value, item, text(item.get("from")), text(item.get("from_user_id"))), item, False
        )
    for item in lists["message_echoes"]:
        yield _message(_head(entry_id, value, item, text(item.get("to")), text(item.get("to_user_id"))), item, True)
    for item in lists["statuses"]:
        to = text(item.get("recipient_id"))
        yield _status(_head(entry_id, value, item, to, text(item.get("recipient_user_id"))), item)
    if not any(lists.values()):
        yield Unknown(object=_OBJECT, entry_id=entry_id, at=at, raw=value, kind=name or "unreadable")


def _head(entry_id: str, value: Fields, item: Fields, wa_id: str, user_id: str) -> _Head:
    number_of_ours, known = fields(value.get("metadata")), items(value.get("contacts"))
    contact: Fields = next((one for one in known if wa_id and text(one.get("wa_id")) == wa_id), {})
    if not contact and len(known) == 1 and not wa_id:
        contact = known[0]
    return _Head(
        object=_OBJECT,
        entry_id=entry_id,
        at=time(item.get("timestamp")),
        raw=item,
        number_id=text(number_of_ours.get("phone_number_id")),
        display_number=text(number_of_ours.get("display_phone_number")),
        wa_id=wa_id,
        name=text(fields(contact.get("profile")).get("name")),
        user_id=user_id or text(contact.get("user_id")),
    )


def _message(head: _Head, item: Fields, is_echo: bool) -> Event:
    kind, read = text(item.get("type")), _READERS.get(text(item.get("type")))
    found = read(head, item, is_echo) if read else None
    if found is None and text(item.get("id")) and kind != "system":
        found = _plain(head, item, is_echo)
    return found or Unknown(
        object=_OBJECT, entry_id=head["entry_id"], at=head["at"], raw=item, kind=kind or "unreadable"
    )


def _plain(head: _Head, item: Fields, is_echo: bool) -> WhatsAppMessage:
    context = fields(item.get("context"))
    forwarded = context.get("forwarded") is True or context.get("frequently_forwarded") is True
    body, payload = _body(item)
    return WhatsAppMessage(
        **head,
        id=text(item.get("id")),
        kind=text(item.get("type")),
        text=body,
        files=tuple(_file(kind, fields(item.get(kind))) for kind in _FILES if item.get(kind)),
        location=_location(fields(item.get("location"))),
        cards=items(item.get("contacts")),
        payload=payload,
        reply_to_id=text(context.get("id")) or None,
        is_forwarded=forwarded,
        referral=_referral(fields(item.get("referral"))),
        errors=_errors(item),
        is_echo=is_echo,
    )


def _body(item: Fields) -> tuple[str, str | None]:
    """Return what can be read of a message, and the id of what was pressed in it, None where nothing was."""
    kind = text(item.get("type"))
    value = fields(item.get(kind))
    if kind == "text":
        return text(value.get("body")), None
    if kind == "button":
        return text(value.get("text")), text(value.get("payload"))
    if kind == "interactive":
        pressed = fields(value.get(text(value.get("type"))))
        said = text(pressed.get("title")) or text(pressed.get("body"))
        return said, text(pressed.get("id")) or text(pressed.get("response_json")) or None
    if kind == "order":
        return text(value.get("text")), None
    return text(value.get("caption")), None


def _reaction(head: _Head, item: Fields, is_echo: bool) -> Event | None:
    value = fields(item.get("reaction"))
    target = text(value.get("message_id"))
    if not target:
        return None
    emoji = text(value.get("emoji"))
    return WhatsAppReacted(**head, id=text(item.get("id")), message_id=target, emoji=emoji, is_echo=is_echo)


def _revoke(head: _Head, item: Fields, is_echo: bool) -> Event | None:
    target = text(fields(item.get("revoke")).get("original_message_id"))
    return WhatsAppDeleted(**head, id=text(item.get("id")), original_id=target, is_echo=is_echo) if target else None


def _edit(head: _Head, item: Fields, is_echo: bool) -> Event | None:
    value = fields(item.get("edit"))
    target, content = text(value.get("original_message_id")), fields(value.get("message"))
    if not target or not content:
        return None
    now_reads = replace(_plain(head, content, is_echo), id=target)
    return WhatsAppEdited(**head, id=text(item.get("id")), original_id=target, message=now_reads, is_echo=is_echo)


def _system(head: _Head, item: Fields, is_echo: bool) -> Event | None:
    value = fields(item.get("system"))
    new = text(value.get("wa_id")) or text(value.get("new_wa_id"))
    if value.get("type") not in ("user_changed_number", "customer_changed_number") or not new:
        return None
    return WhatsAppNumberChanged(**head, id=text(item.get("id")), new_wa_id=new, text=text(value.get("body")))


_READERS: dict[str, Callable[[_Head, Fields, bool], Event | None]] = {
    "reaction": _reaction,
    "revoke": _revoke,
    "edit": _edit,
    "system": _system,
}


def _status(head: _Head, item: Fields) -> Event:
    state = text(item.get("status"))
    if not state or not text(item.get("id")):
        return Unknown(object=_OBJECT, entry_id=head["entry_id"], at=head["at"], raw=item, kind="statuses")
    pricing = fields(item.get("pricing"))
    billable = pricing.get("billable")
    return WhatsAppStatus(
        **head,
        id=text(item.get("id")),
        status=state,
        errors=_errors(item),
        category=text(pricing.get("category")),
        is_billable=billable if isinstance(billable, bool) else None,
    )


def _file(kind: str, value: Fields) -> WhatsAppFile:
    return WhatsAppFile(
        kind=kind,
        media_id=text(value.get("id")),
        mime_type=text(value.get("mime_type")),
        filename=text(value.get("filename")),
        sha256=text(value.get("sha256")),
        url=text(value.get("url")),
        is_voice=value.get("voice") is True,
    )


def _location(value: Fields) -> Location | None:
    place = value.get("latitude"), value.get("longitude")
    if not isinstance(place[0], int | float) or not isinstance(place[1], int | float):
        return None
    return Location(float(place[0]), float(place[1]), text(value.get("name")), text(value.get("address")))


def _referral(value: Fields) -> Referral | None:
    if not value:
        return None
    return Referral(
        ref=text(value.get("ctwa_clid")),
        source=text(value.get("source_type")),
        ad_id=text(value.get("source_id")),
        url=text(value.get("source_url")),
        title=text(value.get("headline")),
        body=text(value.get("body")),
    )


def _errors(item: Fields) -> tuple[MessageError, ...]:
    return tuple(
        MessageError(
            number(one.get("code")) or 0,
            text(one.get("title")) or text(one.get("message")),
            text(fields(one.get("error_data")).get("details")),
        )
        for one in items(item.get("errors"))
    )
