"""Reads one item of the lists "messaging" and "standby": Messenger and Instagram Direct.

Pages: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events,
https://developers.facebook.com/docs/messenger-platform/instagram/features/webhook
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict

from connectors.meta_graph.events import (
    Attachment,
    Deleted,
    Delivered,
    Echo,
    Edited,
    Event,
    HandedOver,
    Message,
    Postback,
    Reacted,
    Read,
    Referral,
    Referred,
    Unknown,
)
from connectors.meta_graph.json_fields import Fields, fields, items, number, text, texts, time

_ENVELOPE = {"sender", "recipient", "timestamp", "hop_context"}


class _Head(TypedDict):
    object: str
    entry_id: str
    at: Any
    raw: Fields
    sender_id: str
    recipient_id: str
    is_standby: bool


def read_messaging(kind: str, entry_id: str, item: Fields, *, is_standby: bool) -> Event:
    """Return the event of one item; `kind` is the webhook's object, "page" or "instagram"."""
    head = _Head(
        object=kind,
        entry_id=entry_id,
        at=time(item.get("timestamp")),
        raw=item,
        sender_id=text(fields(item.get("sender")).get("id")),
        recipient_id=text(fields(item.get("recipient")).get("id")),
        is_standby=is_standby,
    )
    for name, read in _READERS.items():
        if isinstance(item.get(name), dict):
            found = read(head, item[name])
            if found is not None:
                return found
    names = ",".join(sorted(str(name) for name in item if name not in _ENVELOPE))
    return Unknown(object=kind, entry_id=entry_id, at=head["at"], raw=item, kind=names or "unreadable")


def _message(head: _Head, value: Fields) -> Event | None:
    mid = text(value.get("mid"))
    if not mid:
        return None
    is_echo = value.get("is_echo") is True
    if value.get("is_deleted") is True:
        return Deleted(**head, mid=mid, is_echo=is_echo)
    attachments = tuple(map(_attachment, items(value.get("attachments"))))
    answered = fields(value.get("reply_to"))
    reply_to = text(answered.get("mid")) or None
    if is_echo:
        app_id, metadata = text(value.get("app_id")), text(value.get("metadata"))
        return Echo(
            **head, mid=mid, text=text(value.get("text")), attachments=attachments,
            app_id=app_id, metadata=metadata, reply_to_mid=reply_to,
        )  # fmt: skip
    pressed = fields(value.get("quick_reply"))
    return Message(
        **head,
        mid=mid,
        text=text(value.get("text")),
        attachments=attachments,
        quick_reply_payload=text(pressed.get("payload")) if pressed else None,
        reply_to_mid=reply_to,
        story_url=text(fields(answered.get("story")).get("url")),
        referral=_referral(value.get("referral")),
        is_unsupported=value.get("is_unsupported") is True,
    )


def _edit(head: _Head, value: Fields) -> Event | None:
    mid = text(value.get("mid"))
    return (
        Edited(**head, mid=mid, text=text(value.get("text")), edits=number(value.get("num_edit")) or 0) if mid else None
    )


def _unsent(head: _Head, value: Fields) -> Event | None:
    mid = text(value.get("mid"))
    return Deleted(**head, mid=mid) if mid else None


def _postback(head: _Head, value: Fields) -> Event:
    return Postback(
        **head,
        title=text(value.get("title")),
        payload=text(value.get("payload")),
        mid=text(value.get("mid")),
        referral=_referral(value.get("referral")),
    )


def _referred(head: _Head, value: Fields) -> Event | None:
    referral = _referral(value)
    return Referred(**head, referral=referral) if referral else None


def _reaction(head: _Head, value: Fields) -> Event | None:
    mid, action = text(value.get("mid")), value.get("action")
    if not mid or action not in ("react", "unreact"):
        return None
    reaction, emoji = text(value.get("reaction")), text(value.get("emoji"))
    return Reacted(**head, mid=mid, is_added=action == "react", reaction=reaction, emoji=emoji)


def _read(head: _Head, value: Fields) -> Event:
    return Read(**head, watermark_at=time(value.get("watermark")), mid=text(value.get("mid")))


def _delivery(head: _Head, value: Fields) -> Event:
    return Delivered(**head, watermark_at=time(value.get("watermark")), mids=texts(value.get("mids")))


def _handed(action: Literal["pass", "take", "request"]) -> Callable[[_Head, Fields], Event]:
    def read(head: _Head, value: Fields) -> Event:
        return HandedOver(
            **head,
            action=action,
            previous_owner=text(value.get("previous_owner_app_id")),
            new_owner=text(value.get("new_owner_app_id")),
            requested_owner=text(value.get("requested_owner_app_id")),
            metadata=text(value.get("metadata")),
        )

    return read


_READERS: dict[str, Callable[[_Head, Fields], Event | None]] = {
    "message": _message,
    "message_edit": _edit,
    "message_unsend": _unsent,
    "postback": _postback,
    "reaction": _reaction,
    "read": _read,
    "delivery": _delivery,
    "pass_thread_control": _handed("pass"),
    "take_thread_control": _handed("take"),
    "request_thread_control": _handed("request"),
    "referral": _referred,
}


def _attachment(item: Fields) -> Attachment:
    payload = fields(item.get("payload"))
    place = fields(payload.get("coordinates"))
    return Attachment(
        kind=text(item.get("type")) or "fallback",
        url=text(payload.get("url")) or text(item.get("url")),
        title=text(payload.get("title")) or text(item.get("title")),
        sticker_id=text(payload.get("sticker_id")),
        latitude=_degrees(place.get("lat")),
        longitude=_degrees(place.get("long")),
    )


def _degrees(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _referral(value: object) -> Referral | None:
    found = fields(value)
    if not found:
        return None
    ad = fields(found.get("ads_context_data"))
    return Referral(
        ref=text(found.get("ref")),
        source=text(found.get("source")),
        kind=text(found.get("type")),
        ad_id=text(found.get("ad_id")),
        url=text(found.get("referer_uri")) or text(ad.get("photo_url")) or text(ad.get("video_url")),
        title=text(ad.get("ad_title")),
    )
