"""From one webhook of a page to what the inbox understands: a table from the kind of event to the function that reads it. Pure.

What comes from Messenger is here; comments are in translate_comments.py. What must be fetched was fetched before (complete.py).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from plugins.facebook.completed import Extras, extras_of
from plugins.facebook.events import (
    Attachment,
    CommentChanged,
    Deleted,
    Delivered,
    Echo,
    Edited,
    Event,
    HandedOver,
    Message,
    MessagingEvent,
    Postback,
    Reacted,
    Read,
    Referral,
    Referred,
    Unknown,
    events_in,
)
from plugins.facebook.names import HELD_BY, KIND, PRESSED, person_key
from plugins.facebook.translate_comments import comment_changed
from tidings import (
    Account,
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    Participant,
    RawEvent,
    Reaction,
    UnrecognisedPayload,
    UnsupportedEvent,
)

__all__ = ["DOWNLOADED", "said_by"]

Said = InboundMessage | DeliveryUpdate | MessageEdit | MessageRemoval | Reaction | ConversationUpdate
DOWNLOADED = frozenset({"image", "audio", "video", "file"})
"""Kinds of attachments whose address leads to a file; the others lead to pages."""

_EMOJI = {"like": "👍", "love": "❤", "smile": "😆", "angry": "😠", "sad": "😢", "wow": "😮", "dislike": "👎"}
_HANDED = {
    "pass": (
        "Facebook passed this conversation to Tidings.",
        "This conversation was passed to another app of the page.",
    ),
    "take": ("Tidings took over this conversation.", "Another app of the page took over this conversation."),
}


def said_by(account: Account, event: RawEvent, app_id: str) -> Sequence[Said]:
    """What one raw event says. Raises `UnrecognisedPayload`, and `UnsupportedEvent` for what is not for the inbox."""
    events = events_in(event)
    extras = extras_of(event)
    return [one for found in events for one in _said(account, found, extras, app_id)]


def _said(account: Account, event: Event, extras: Extras, app_id: str) -> Sequence[Said]:
    if isinstance(event, Unknown) and event.kind == "unreadable":
        raise UnrecognisedPayload("This is no event of Messenger or of a post.")
    if event.at is None:
        raise UnrecognisedPayload("The event has no time.")
    if isinstance(event, HandedOver):
        return [_handed_over(event, event.at, app_id)]
    if isinstance(event, CommentChanged):
        return comment_changed(account, event, event.at, extras)
    read = _READERS.get(type(event))
    if read is None:
        raise UnsupportedEvent(f"{getattr(event, 'kind', type(event).__name__)} is nothing for the inbox.")
    return read(account, event, event.at, extras)


# ---- messages
def _message(account: Account, event: Message, at: datetime, extras: Extras) -> Sequence[Said]:
    pressed = {PRESSED: event.quick_reply_payload} if event.quick_reply_payload else {}
    return [
        InboundMessage(
            external_id=event.mid,
            sender=Participant(KIND, event.person_id, extras.name),
            text=_text(event.text, event.attachments),
            sent_at=at,
            content_key=content_key(event.mid),
            thread_key=person_key(event.person_id),
            in_reply_to=event.reply_to_mid,
            attachments=extras.files,
            fields={**pressed, **_came_through(event.referral), **_held(event)},
            defects=_defects(event.attachments, extras, is_unsupported=event.is_unsupported),
            sender_picture=extras.picture,
        )
    ]


def _echo(account: Account, event: Echo, at: datetime, extras: Extras) -> Sequence[Said]:
    return [
        InboundMessage(
            external_id=event.mid,
            sender=Participant(KIND, event.entry_id, account.name),
            to=(Participant(KIND, event.person_id, extras.name),),
            text=_text(event.text, event.attachments),
            sent_at=at,
            content_key=content_key(event.mid),
            thread_key=person_key(event.person_id),
            in_reply_to=event.reply_to_mid,
            attachments=extras.files,
            defects=_defects(event.attachments, extras),
            is_echo=True,
        )
    ]


def _postback(account: Account, event: Postback, at: datetime, extras: Extras) -> Sequence[Said]:
    mid = event.mid or f"postback:{content_key(event.person_id, at.isoformat(), event.payload)}"
    return [
        InboundMessage(
            external_id=mid,
            sender=Participant(KIND, event.person_id, extras.name),
            text=event.title or event.payload,
            sent_at=at,
            content_key=content_key(mid),
            thread_key=person_key(event.person_id),
            fields={PRESSED: event.payload or event.title, **_came_through(event.referral), **_held(event)},
            sender_picture=extras.picture,
        )
    ]


def content_key(*parts: str) -> str:
    """A digest of Meta's id: it stays when the author changes the text, so that a copy from the history is known again."""
    return hashlib.sha256("\n".join(("facebook", *parts)).encode()).hexdigest()


def _text(text: str, attachments: Sequence[Attachment]) -> str:
    return "\n".join(filter(None, [text, *(_card(one) for one in attachments if one.kind not in DOWNLOADED)]))


def _card(attachment: Attachment) -> str:
    """A place or a page that was shared, as text."""
    if attachment.latitude is not None and attachment.longitude is not None:
        place = f"{attachment.latitude}, {attachment.longitude}"
        return f"{attachment.title or 'Location'}: {place}"
    return " – ".join(filter(None, [attachment.title, attachment.url])) or f"({attachment.kind})"


def _came_through(referral: Referral | None) -> Mapping[str, str]:
    if referral is None:
        return {}
    told = {"Came through": referral.title or referral.source or referral.kind, "Reference": referral.ref}
    return {label: value for label, value in told.items() if value}


def _held(event: MessagingEvent) -> Mapping[str, str]:
    return {HELD_BY: "another app of the page"} if event.is_standby else {}


def _defects(attachments: Sequence[Attachment], extras: Extras, *, is_unsupported: bool = False) -> tuple[str, ...]:
    missing = sum(1 for one in attachments if one.kind in DOWNLOADED) - len(extras.files)
    problems = list(extras.problems) or (["Its files could not be fetched."] if missing > 0 else [])
    if is_unsupported:
        problems.append("Facebook does not pass on this kind of message. Look at it in Messenger.")
    return tuple(problems)


# ---- what is said of messages that are there
def _edited(account: Account, event: Edited, at: datetime, extras: Extras) -> Sequence[Said]:
    return [MessageEdit(event.mid, event.text, at)]


def _deleted(account: Account, event: Deleted, at: datetime, extras: Extras) -> Sequence[Said]:
    return [MessageRemoval(event.mid, at)]


def _reacted(account: Account, event: Reacted, at: datetime, extras: Extras) -> Sequence[Said]:
    emoji = event.emoji or _EMOJI.get(event.reaction, "👍" if event.is_added else "")
    sender = Participant(KIND, event.sender_id, extras.name)
    return [Reaction(event.mid, sender, emoji, at, is_removed=not event.is_added)]


def _read(account: Account, event: Read, at: datetime, extras: Extras) -> Sequence[Said]:
    key = person_key(event.person_id)
    return [DeliveryUpdate(DeliveryWord.READ, event.watermark_at or at, external_id=event.mid, thread_key=key)]


def _delivered(account: Account, event: Delivered, at: datetime, extras: Extras) -> Sequence[Said]:
    if event.watermark_at is not None:
        key = person_key(event.person_id)
        return [DeliveryUpdate(DeliveryWord.DELIVERED, event.watermark_at, thread_key=key)]
    return [DeliveryUpdate(DeliveryWord.DELIVERED, at, external_id=mid) for mid in event.mids]


def _referred(account: Account, event: Referred, at: datetime, extras: Extras) -> Sequence[Said]:
    told = "; ".join(f"{label.lower()} {value}" for label, value in _came_through(event.referral).items())
    activity = f"Opened the conversation again: {told}." if told else "Opened the conversation again."
    return [ConversationUpdate(at, thread_key=person_key(event.person_id), activity=activity)]


def _handed_over(event: HandedOver, at: datetime, app_id: str) -> Said:
    if event.action == "request":
        activity = "Another app of the page asked for this conversation."
    else:
        to_us, away = _HANDED[event.action]
        activity = to_us if app_id and event.new_owner == app_id else away
    return ConversationUpdate(at, thread_key=person_key(event.person_id), activity=activity)


_READERS: Mapping[type[Event], Callable[..., Sequence[Said]]] = {
    Message: _message,
    Echo: _echo,
    Postback: _postback,
    Edited: _edited,
    Deleted: _deleted,
    Reacted: _reacted,
    Read: _read,
    Delivered: _delivered,
    Referred: _referred,
}
