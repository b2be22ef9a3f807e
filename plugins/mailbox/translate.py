"""From the event of a mail to the host's message. Pure; what a mail means is `tidings.inbound_from_mail`'s knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from plugins.mailbox.settings import LEAVE, TAKE, MailboxSettings
from tidings import (
    ONLY_A_COPY,
    InboundMessage,
    MessageKind,
    OwnAddresses,
    RawEvent,
    UnrecognisedPayload,
    UnsupportedEvent,
    inbound_from_mail,
    translatable,
)

__all__ = ["CONTENT_TYPE", "message_from_event"]

CONTENT_TYPE = "message/rfc822"
DELIVERED_TO = translatable("Delivered to")
_MOST_TOLD = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WITHHELD = {
    "too_big": "This message has {size} and was not fetched. It is in the folder {folder} of the mailbox; open it there.",
    "refused": "The mail server would not hand out this message ({detail}). It is in the folder {folder} of the mailbox.",
}


def message_from_event(event: RawEvent, settings: MailboxSettings) -> InboundMessage:
    """The message of one event of an account with these settings.

    Raises `UnrecognisedPayload` when there is no mail in it, or not even the header of one that the server withheld, `UnsupportedEvent`
    for what the owner wants to be left alone.
    """
    withheld = event.meta.get("withheld")
    if isinstance(withheld, Mapping) and not event.payload:
        raise UnrecognisedPayload(_notice(withheld))
    message = inbound_from_mail(event.payload, _received_at(event), settings.trusted_hosts)
    if isinstance(withheld, Mapping):
        message = _header_only(message, withheld)
    message = _with_places(_from_whom_it_is(message, settings.own), event, settings)
    return _as_wanted(message, settings) if message.kind is not MessageKind.BOUNCE else message


def _with_places(message: InboundMessage, event: RawEvent, settings: MailboxSettings) -> InboundMessage:
    """Also for whom it was handed in (the listener's recipients), and a fact about it where that is not the mailbox's own address."""
    handed_in = event.meta.get("recipients")
    recipients = [str(one).lower() for one in handed_in] if isinstance(handed_in, Sequence) else []
    places = tuple(dict.fromkeys((*recipients, *message.delivered_to)))
    told = [settings.own.spelt(one) for one in places if not settings.is_return_address(one)]
    others = [one for one in dict.fromkeys(told) if one != settings.address]
    fields = {**message.fields, DELIVERED_TO: ", ".join(others[:_MOST_TOLD])} if others else message.fields
    return replace(message, delivered_to=places, fields=fields)


def _as_wanted(message: InboundMessage, settings: MailboxSettings) -> InboundMessage:
    """What the owner decided about mail that only has us in Cc."""
    own = settings.own
    is_to_us = any(own.gets(person.kind, person.value) for person in message.to)
    if settings.cc_only == TAKE or is_to_us or not any(own.gets(one.kind, one.value) for one in message.cc):
        return message
    if settings.cc_only == LEAVE:
        raise UnsupportedEvent(ONLY_A_COPY)
    return replace(message, opens_conversation=False)


def _received_at(event: RawEvent) -> datetime:
    """When the server took the mail; the host says when we did where a mail was handed in another way."""
    try:
        return datetime.fromisoformat(str(event.meta["received_at"])).astimezone(UTC)
    except (KeyError, ValueError):
        return _EPOCH


def _header_only(message: InboundMessage, withheld: Mapping[str, object]) -> InboundMessage:
    notice = _notice(withheld)
    mail = replace(message.mail, is_whole=False) if message.mail else None
    return replace(message, text=notice, reply_text=None, html=None, attachments=(), defects=(notice,), mail=mail)


def _notice(withheld: Mapping[str, object]) -> str:
    size = withheld.get("size")
    megabytes = f"{size / 1_000_000:.1f} MB" if isinstance(size, int) else "an unknown size"
    sentence = _WITHHELD.get(str(withheld.get("why")), _WITHHELD["refused"])
    return sentence.format(size=megabytes, folder=withheld.get("folder", "INBOX"), detail=withheld.get("detail", ""))


def _from_whom_it_is(message: InboundMessage, own: OwnAddresses) -> InboundMessage:
    """Forms on websites often send in the name of the mailbox itself and name the customer in Reply-To: then that is who wrote, as far as
    this can be believed. A second one there wrote nothing."""
    if not own.names(message.sender.kind, message.sender.value):
        return message
    others = tuple(person for person in message.reply_to if not own.names(person.kind, person.value))
    if not others:
        return message
    fields = {**message.fields, "Sent in the name of": message.sender.value}
    return replace(message, sender=others[0], reply_to=others[:1], is_sender_claimed=True, fields=fields)
