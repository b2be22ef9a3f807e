"""The values that reading and writing mail exchange: what a received mail says, and a mail to be sent.

Nothing here reads or writes anything; `parsing` fills a `ParsedMessage`, `compose` turns a `MailDraft` into bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .calendar import CalendarEvent


class MailType(StrEnum):
    """What kind of mail it is, told from its headers and structure (RFC 3834, RFC 3464, RFC 5965)."""

    NORMAL = "normal"
    AUTO_REPLY = "auto_reply"
    AUTO_GENERATED = "auto_generated"
    BOUNCE = "bounce"
    FEEDBACK = "feedback"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Address:
    """A person's name (may be empty) and their mail address as written, without brackets."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A decoded part that is not body text.

    `filename` never holds a path; `size` is in bytes and `sha256` in hex, both of the decoded `data`;
    `content_id` stands without angle brackets.
    """

    filename: str | None
    content_type: str
    size: int
    sha256: str
    data: bytes = field(repr=False)
    inline: bool = False
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class BounceRecipient:
    """One address a delivery report speaks about; `status` as in RFC 3463 ("5.1.1"), or None when not told. `permanent`: the address
    itself is dead; `is_delayed`: the server still tries."""

    address: str
    status: str | None = None
    permanent: bool = False
    diagnostic: str | None = None
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says. `original_message_id` is the Message-ID of the mail that bounced, if shown; `ids` are all that the
    returned part names, `subject` is its subject."""

    recipients: tuple[BounceRecipient, ...]
    original_message_id: str | None = None
    ids: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A received mail, decoded.

    Ids stand without angle brackets. `date` is aware UTC. `text` is made from the HTML when the mail has no
    text of its own; `html` is the decoded markup as sent and must pass `sanitize_html` before anyone sees it.
    `reply_text` is `text` without quotes and signature, never empty when `text` is not. `headers` holds every
    header of the mail in order, names in lower case, values decoded and on one line. `events` are those of its
    calendar files, each once. `defects` are short
    sentences about what was wrong with the mail.
    """

    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str | None = field(default=None, repr=False)
    html: str | None = field(default=None, repr=False)
    reply_text: str | None = field(default=None, repr=False)
    mail_type: MailType = MailType.NORMAL
    bounce: Bounce | None = None
    attachments: tuple[MailAttachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    is_signed: bool = False
    is_encrypted: bool = False
    events: tuple[CalendarEvent, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def is_bounce(self) -> bool:
        return self.mail_type is MailType.BOUNCE

    @property
    def is_auto_reply(self) -> bool:
        return self.mail_type is MailType.AUTO_REPLY

    def header(self, name: str) -> str | None:
        """The first value of a header, or None; the name in any case."""
        return next(iter(self.header_all(name)), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in the order of the mail."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send. `content_id` (without brackets) is needed when `inline`: the HTML names it as `cid:…`."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)
    inline: bool = False
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A mail to be sent.

    Ids stand without angle brackets; `message_id` is given by the caller so that a second try sends the same
    mail. `date` must be aware. `bcc` is only for the envelope. `auto_submitted` is "auto-replied" or
    "auto-generated" for mail that no person wrote (RFC 3834); it then asks other machines in every usual way not
    to answer. `extra_headers` are further header fields such as List-Unsubscribe; they cannot replace the ones
    made from the other fields.
    """

    sender: Address
    to: tuple[Address, ...]
    subject: str
    message_id: str
    date: datetime
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[OutgoingFile, ...] = ()
    auto_submitted: str | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address of the envelope (to, cc, bcc), each once, in order."""
        return tuple(dict.fromkeys(person.email for person in (*self.to, *self.cc, *self.bcc)))
