"""From the event of a mail to the host's message. Pure; what a mail means is `tidings.inbound_from_mail`'s knowledge."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from plugins.mailbox.addresses import is_own_address
from tidings import InboundMessage, RawEvent, UnrecognisedPayload, inbound_from_mail

__all__ = ["CONTENT_TYPE", "message_from_event"]

CONTENT_TYPE = "message/rfc822"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WITHHELD = {
    "too_big": "This message has {size} and was not fetched. It is in the folder {folder} of the mailbox; open it there.",
    "refused": "The mail server would not hand out this message ({detail}). It is in the folder {folder} of the mailbox.",
}


def message_from_event(event: RawEvent, own_address: str, trusted_hosts: Sequence[str] = ()) -> InboundMessage:
    """The message of one event. `trusted_hosts`: the servers that receive for the mailbox.

    Raises `UnrecognisedPayload` when there is no mail in it, or not even the header of one that the server withheld.
    """
    withheld = event.meta.get("withheld")
    if isinstance(withheld, Mapping) and not event.payload:
        raise UnrecognisedPayload(_notice(withheld))
    message = inbound_from_mail(event.payload, _received_at(event), trusted_hosts)
    if isinstance(withheld, Mapping):
        message = _header_only(message, withheld)
    return _from_whom_it_is(message, own_address)


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


def _from_whom_it_is(message: InboundMessage, own_address: str) -> InboundMessage:
    """Forms on websites often send in the name of the mailbox itself and name the customer in Reply-To: then that is who wrote."""
    if not is_own_address(message.sender.value, own_address):
        return message
    others = [person for person in message.reply_to if not is_own_address(person.value, own_address)]
    if not others:
        return message
    fields = {**message.fields, "Sent in the name of": message.sender.value}
    return replace(message, sender=others[0], fields=fields)
