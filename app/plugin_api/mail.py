"""Between the bytes of mails and the messages of the host, for channels that speak mail. Reading and writing them is `app.mime`'s work.

Pure: the same bytes give the same message.
"""

import mimetypes
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.domain.reply_tokens import address_with_token
from app.mime import (
    Address,
    MailAttachment,
    MailDraft,
    OutgoingFile,
    ParsedMessage,
    UnsendableMail,
    compose_message,
    content_hash,
    count_tracking_pixels,
    no_answer_because,
    parse_message,
)
from app.mime import Bounce as MailBounce
from app.mime.addresses import domain_of, parse_addresses
from app.mime.authentication import read_trail
from app.mime.delivered_to import delivered_to
from app.mime.fields import parse_date
from app.plugin_api.channel import MAIL
from app.plugin_api.errors import Permanent, UnrecognisedPayload
from app.plugin_api.mail_body import html_body, text_body
from app.plugin_api.messages import (
    Bounce,
    BouncedRecipient,
    InboundAttachment,
    InboundMessage,
    MailFacts,
    MessageKind,
    MessageTraits,
    OutboundAttachment,
    OutboundMessage,
    Participant,
)

__all__ = ["inbound_from_mail", "mail_from_outbound"]

UNKNOWN_POSTMASTER = Participant(MAIL, "mailer-daemon@unknown.invalid", "Mail Delivery System")
"""The sender of a delivery report that names none (RFC 2606: nobody can have this address)."""

UNKNOWN_SENDER = Participant(MAIL, "nobody@unknown.invalid")
"""The sender of a mail whose From stands there and names nobody, as spam has it."""

_MOST_AUTHORS = 5
LATEST = timedelta(days=1)
"""A clock may be wrong by a time zone; a date further ahead than this is not believed."""


def inbound_from_mail(raw: bytes, now: datetime, trusted_hosts: Sequence[str] = ()) -> InboundMessage:
    """What a mail says. `now` (aware) is when it arrived; it stands in for a date that is missing or lies in the future.

    `sender` is who wrote it; answers go to `reply_to` when the mail has that. `external_id` is the Message-ID without brackets, empty
    when there is none. A delivery report that names no sender gets the placeholder `UNKNOWN_POSTMASTER`, a mail whose From names nobody
    `UNKNOWN_SENDER`; bytes without any From are no mail and raise `UnrecognisedPayload`. `trusted_hosts` (since API 3): names of servers
    that receive for the account, also with wildcards ("*.example.com"); what they noted of the sender is believed. Without any, only what
    stands above the topmost Received field is.
    """
    mail = parse_message(raw)
    kind = MessageKind(mail.mail_type.value)
    sent_at, defects = _date(mail, now)
    return InboundMessage(
        external_id=mail.message_id or "",
        sender=_sender(mail, kind),
        text=mail.text or "",
        sent_at=sent_at,
        content_key=content_hash(mail),
        subject=mail.subject or "",
        html=mail.html,
        reply_text=mail.reply_text,
        to=_people(mail.to),
        cc=_people(mail.cc),
        reply_to=_people(mail.reply_to),
        attachments=tuple(_attachment(number, file) for number, file in enumerate(mail.attachments, 1)),
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        kind=kind,
        bounce=_bounce(mail.bounce),
        accepts_auto_reply=not no_answer_because(mail),
        defects=defects,
        mail=_facts(mail, raw, now, trusted_hosts),
        delivered_to=delivered_to(mail.headers),
        traits=_traits(mail),
    )


def mail_from_outbound(
    message: OutboundMessage,
    from_address: str,
    *,
    from_name: str = "",
    has_plus_addresses: bool = False,
    extra_headers: Mapping[str, str] | None = None,
    allow_8bit: bool = False,
) -> bytes:
    """The bytes of the mail for `message`, the same for each attempt: text (made from the HTML where there is one) and HTML, below them
    signature, footer and the quoted history, files, ids.

    `from_name` stands in when the message has no `sender_name`. With `has_plus_addresses` the server takes mail for
    `local+anything@domain`, and answers are asked to an address that carries the conversation's token. Raises `Permanent` when
    something in the message cannot stand in a mail.
    """
    reply_to = (
        address_with_token(from_address, message.reply_token) if has_plus_addresses and message.reply_token else ""
    )
    name, html = message.sender_name or from_name, html_body(message)
    files = (*message.attachments, *message.signature.pictures, *message.footer.pictures)
    draft = MailDraft(
        sender=Address(name, from_address),
        to=_addresses(message.to),
        cc=_addresses(message.cc),
        bcc=_addresses(message.bcc),
        reply_to=(Address(name, reply_to),) if reply_to else (),
        subject=message.subject,
        message_id=message.external_id,
        date=message.created_at,
        text=text_body(message),
        html=html,
        in_reply_to=message.in_reply_to,
        references=message.references,
        attachments=tuple(_outgoing(file, html) for file in files),
        auto_submitted=_auto_submitted(message),
        extra_headers=extra_headers or {},
    )
    try:
        return compose_message(draft, allow_8bit=allow_8bit)
    except UnsendableMail as error:
        raise Permanent(f"This cannot be sent as a mail: {error}.") from error


# ---- reading
def _sender(mail: ParsedMessage, kind: MessageKind) -> Participant:
    if mail.sender is not None:
        return _person(mail.sender)
    if kind is MessageKind.BOUNCE:
        return UNKNOWN_POSTMASTER
    if mail.header("from") is not None:
        return UNKNOWN_SENDER
    raise UnrecognisedPayload("This mail names no sender.")


def _person(address: Address) -> Participant:
    return Participant(MAIL, address.email.lower(), address.name)


def _people(addresses: tuple[Address, ...]) -> tuple[Participant, ...]:
    return tuple(map(_person, addresses))


def _date(mail: ParsedMessage, now: datetime) -> tuple[datetime, tuple[str, ...]]:
    if mail.date is None:
        return now, mail.defects
    if mail.date > now + LATEST:
        return now, (*mail.defects, "its date lies in the future")
    return mail.date, mail.defects


def _facts(mail: ParsedMessage, raw: bytes, now: datetime, trusted_hosts: Sequence[str]) -> MailFacts:
    trail = read_trail(mail.headers, trusted_hosts)
    authors = [one.email for value in mail.header_all("from")[:_MOST_AUTHORS] for one in parse_addresses(value)]
    return MailFacts(
        raw,
        arrived_at=min(now, _noted_at(mail) or now),
        authors=tuple(dict.fromkeys(filter(None, map(domain_of, authors[:_MOST_AUTHORS])))),
        trusted_hosts=tuple(trusted_hosts),
        results=trail.results,
        border=trail.border,
        return_path=trail.return_path,
    )


def _traits(mail: ParsedMessage) -> MessageTraits:
    tracking = count_tracking_pixels(mail.html) if mail.html else 0
    return MessageTraits(mail.is_signed, mail.is_encrypted, tracking, mail.events)


def _noted_at(mail: ParsedMessage) -> datetime | None:
    """When the last server took the mail, by its own clock: mail that is imported may have come long ago."""
    received = mail.header_all("received")[:1]
    return parse_date(received[0].rpartition(";")[2]) if received else None


def _attachment(number: int, file: MailAttachment) -> InboundAttachment:
    ending = mimetypes.guess_extension(file.content_type) or ".bin"
    return InboundAttachment(
        filename=file.filename or f"attachment-{number}{ending}",
        content_type=file.content_type,
        data=file.data,
        inline=file.inline,
        content_id=file.content_id,
    )


def _bounce(bounce: MailBounce | None) -> Bounce | None:
    if bounce is None:
        return None
    recipients = tuple(
        BouncedRecipient(one.address.lower(), one.status or "", one.permanent, one.diagnostic or "", one.is_delayed)
        for one in bounce.recipients
    )
    return Bounce(recipients, bounce.original_message_id, bounce.ids, bounce.subject)


# ---- writing
def _auto_submitted(message: OutboundMessage) -> str | None:
    """The value of Auto-Submitted (RFC 3834): an automatic answer says so, and so does a mail that answers nothing."""
    if not message.is_automatic:
        return None
    return "auto-replied" if message.in_reply_to or message.references else "auto-generated"


def _addresses(people: tuple[Participant, ...]) -> tuple[Address, ...]:
    return tuple(Address(person.name, person.value) for person in people)


def _outgoing(file: OutboundAttachment, html: str) -> OutgoingFile:
    is_inline = bool(file.content_id) and f"cid:{file.content_id}" in html
    return OutgoingFile(file.filename, file.content_type, file.data, inline=is_inline, content_id=file.content_id)
