"""A message inside a winmail.dat as a mail of its own, so that it is shown like any other attached mail."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .compose import compose_message
from .encoding import UnsendableMail
from .message import Address, MailAttachment, MailDraft, OutgoingFile
from .words import clean_line

__all__ = ["MESSAGE_TEXTS", "SENT_AT", "EmbeddedMessage", "as_mail"]

_SUBJECT = 0x0037
_NAMES = (0x0042, 0x0C1A)
_ADDRESSES = (0x5D02, 0x5D01, 0x0065, 0x0C1F)
MESSAGE_TEXTS = {_SUBJECT, *_NAMES, *_ADDRESSES}
"""The properties of a message that are kept as text."""
SENT_AT = 0x0039

_UNKNOWN = "unknown@unknown.invalid"
_TICKS_BEGIN = datetime(1601, 1, 1, tzinfo=UTC)
_DATE_LINE = re.compile(rb"^Date: [^\r\n]*\r\n", re.M)


@dataclass(slots=True)
class EmbeddedMessage:
    """What is told of a message beside its body: texts by the number of their property, and when it was sent."""

    texts: dict[int, str] = field(default_factory=dict)
    sent_at: datetime | None = None

    @property
    def subject(self) -> str:
        return clean_line(self.texts.get(_SUBJECT, ""))[:300]

    def read_time(self, data: bytes) -> None:
        """Tenths of microseconds since 1601."""
        try:
            self.sent_at = _TICKS_BEGIN + timedelta(microseconds=int.from_bytes(data[:8], "little") // 10)
        except OverflowError:
            self.sent_at = None


def as_mail(
    message: EmbeddedMessage, text: str | None, html: str | None, files: Sequence[MailAttachment]
) -> bytes | None:
    """The bytes of a mail; None when something in the message cannot stand in one."""
    digest = hashlib.sha256(repr((message.texts, message.sent_at, text, html)).encode("utf-8", "replace")).hexdigest()
    draft = MailDraft(
        sender=Address(_first(message, _NAMES), next(filter(_is_address, _every(message, _ADDRESSES)), _UNKNOWN)),
        to=(),
        subject=message.subject,
        message_id=f"{digest[:32]}@unknown.invalid",
        date=message.sent_at or _TICKS_BEGIN,
        text=text or "",
        html=html,
        attachments=tuple(
            OutgoingFile(one.filename or "attachment", one.content_type, one.data, one.inline, one.content_id)
            for one in files
        ),
    )
    try:
        raw = compose_message(draft)
    except UnsendableMail:
        return None
    return raw if message.sent_at else _DATE_LINE.sub(b"", raw, count=1)


def _first(message: EmbeddedMessage, names: Sequence[int]) -> str:
    return next(iter(_every(message, names)), "")


def _every(message: EmbeddedMessage, names: Sequence[int]) -> list[str]:
    return [value for name in names if (value := clean_line(message.texts.get(name, ""))[:200])]


def _is_address(value: str) -> bool:
    """Others are names in a directory of Exchange ("/O=EXAMPLE/CN=ADA")."""
    return re.fullmatch(r"[^\s<>()\[\]:;@\\,\"/]+@[\w.-]+", value) is not None
