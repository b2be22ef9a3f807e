"""From one webhook of a business number to what the inbox understands. Pure: files were fetched before (complete.py)."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from plugins.whatsapp.events import (
    Event,
    MessageError,
    Unknown,
    WhatsAppDeleted,
    WhatsAppEdited,
    WhatsAppEvent,
    WhatsAppMessage,
    WhatsAppNumberChanged,
    WhatsAppReacted,
    WhatsAppStatus,
    events_in,
)
from plugins.whatsapp.names import KIND, NAMED, PRESSED, participant, thread_key
from plugins.whatsapp.troubles import why_code
from tidings import (
    Account,
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    InboundAttachment,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    Participant,
    RawEvent,
    Reaction,
    UnrecognisedPayload,
    UnsupportedEvent,
)

__all__ = ["FILE", "said_by"]

Said = InboundMessage | DeliveryUpdate | MessageEdit | MessageRemoval | Reaction | ConversationUpdate
FILE = "file:%d"
"""The name in `RawEvent.files` of a message's files, in their order."""

_WORDS = {"delivered": DeliveryWord.DELIVERED, "read": DeliveryWord.READ, "played": DeliveryWord.READ}


def said_by(account: Account, event: RawEvent) -> Sequence[Said]:
    """What one raw event says. Raises `UnrecognisedPayload`, and `UnsupportedEvent` for what is not for the inbox."""
    events = events_in(event)
    return [one for found in events for one in _said(account, found, event)]


def _said(account: Account, event: Event, raw: RawEvent) -> Sequence[Said]:
    if isinstance(event, Unknown) and event.kind == "unreadable":
        raise UnrecognisedPayload("This is no event of WhatsApp.")
    read = _READERS.get(type(event))
    if read is None:
        raise UnsupportedEvent(f"{getattr(event, 'kind', type(event).__name__)} is nothing for the inbox.")
    if event.at is None:
        raise UnrecognisedPayload("The event has no time.")
    return read(account, event, event.at, raw)


def _message(account: Account, event: WhatsAppMessage, at: datetime, raw: RawEvent) -> Sequence[Said]:
    """From a person or, as an echo, written in the business's own WhatsApp app."""
    person, own = _person(event), _own(account, event)
    return [
        InboundMessage(
            external_id=event.id,
            sender=own if event.is_echo else person,
            to=(person,) if event.is_echo else (own,),
            text=_text(event),
            sent_at=at,
            content_key=hashlib.sha256(f"whatsapp\n{event.id}".encode()).hexdigest(),
            thread_key=thread_key(event.wa_id, event.user_id),
            in_reply_to=event.reply_to_id,
            attachments=_files(event, raw),
            fields=_fields(event),
            defects=_defects(event, raw),
            is_echo=event.is_echo,
        )
    ]


def _person(event: WhatsAppEvent) -> Participant:
    if not event.wa_id and not event.user_id:
        raise UnrecognisedPayload("The event does not say whom it is about.")
    return participant(event.wa_id, event.user_id, event.name)


def _own(account: Account, event: WhatsAppEvent) -> Participant:
    digits = "".join(filter(str.isdigit, event.display_number)) or event.number_id
    return Participant(KIND, f"+{digits}", account.name)


def _text(event: WhatsAppMessage) -> str:
    lines = [event.text, *_place(event), *(_card(card) for card in event.cards)]
    return "\n".join(filter(None, lines))


def _place(event: WhatsAppMessage) -> Sequence[str]:
    place = event.location
    if place is None:
        return ()
    return (place.name, place.address, f"Location: {place.latitude}, {place.longitude}")


def _card(card: Mapping[str, Any]) -> str:
    """A contact that was passed on: name and numbers."""
    name, phones = card.get("name"), card.get("phones")
    shown = name.get("formatted_name") if isinstance(name, Mapping) else ""
    numbers = [one.get("phone") for one in phones if isinstance(one, Mapping)] if isinstance(phones, list) else []
    return " – ".join(str(one) for one in (shown, *numbers) if one)


def _fields(event: WhatsAppMessage) -> dict[str, str]:
    told = {
        PRESSED: event.payload or "",
        "Forwarded": "yes" if event.is_forwarded else "",
        NAMED: (event.referral.title or event.referral.url) if event.referral else "",
    }
    return {label: value for label, value in told.items() if value}


def _files(event: WhatsAppMessage, raw: RawEvent) -> tuple[InboundAttachment, ...]:
    told = raw.meta.get("files")
    names = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list | tuple) else []
    return tuple(
        InboundAttachment(str(one.get("name")), str(one.get("type")), raw.files[FILE % number])
        for number, one in enumerate(names)
        if raw.files.get(FILE % number)
    )


def _defects(event: WhatsAppMessage, raw: RawEvent) -> tuple[str, ...]:
    problems = [_why(error) for error in event.errors]
    if len(_files(event, raw)) < len(event.files):
        problems.append("A file could not be fetched: WhatsApp keeps files for some days only.")
    if not event.wa_id:
        problems.append("This person hides their number. Answer them in WhatsApp.")
    return tuple(problems)


def _edited(account: Account, event: WhatsAppEdited, at: datetime, raw: RawEvent) -> Sequence[Said]:
    return [MessageEdit(event.original_id, _text(event.message), at)]


def _deleted(account: Account, event: WhatsAppDeleted, at: datetime, raw: RawEvent) -> Sequence[Said]:
    return [MessageRemoval(event.original_id, at)]


def _reacted(account: Account, event: WhatsAppReacted, at: datetime, raw: RawEvent) -> Sequence[Said]:
    sender = _own(account, event) if event.is_echo else _person(event)
    return [Reaction(event.message_id, sender, event.emoji, at, is_removed=not event.emoji)]


def _status(account: Account, event: WhatsAppStatus, at: datetime, raw: RawEvent) -> Sequence[Said]:
    if event.status == "failed":
        reason = (
            " ".join(_why(error) for error in event.errors) or "WhatsApp could not deliver it and does not say why."
        )
        return [DeliveryUpdate(DeliveryWord.FAILED, at, external_id=event.id, reason=reason)]
    if event.status not in _WORDS:
        raise UnsupportedEvent(f"The state {event.status!r} says nothing new.")
    return [DeliveryUpdate(_WORDS[event.status], at, external_id=event.id)]


def _why(error: MessageError) -> str:
    """A sentence of ours where somebody can do something about it, with WhatsApp's own words."""
    return " ".join(filter(None, [why_code(error.code), f"WhatsApp: {error.details or error.title} ({error.code})"]))


def _number_changed(account: Account, event: WhatsAppNumberChanged, at: datetime, raw: RawEvent) -> Sequence[Said]:
    activity = f"Goes on under another number: +{event.new_wa_id}."
    return [ConversationUpdate(at, thread_key=thread_key(event.wa_id, event.user_id), activity=activity)]


_READERS: Mapping[type[Event], Callable[..., Sequence[Said]]] = {
    WhatsAppMessage: _message,
    WhatsAppEdited: _edited,
    WhatsAppDeleted: _deleted,
    WhatsAppReacted: _reacted,
    WhatsAppStatus: _status,
    WhatsAppNumberChanged: _number_changed,
}
