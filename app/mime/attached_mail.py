"""A mail inside another one (message/rfc822): it may not be packed as base64 (RFC 2046 §5.2.1), so it travels as it is, or is written anew
in 7 bits."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.errors import MessageError
from email.generator import BytesGenerator
from email.message import Message
from email.policy import Compat32, compat32
from io import BytesIO

from .encoding import fits_7bit, fits_8bit

__all__ = ["MAIL_TYPE", "attached_mail", "travelling_size"]

MAIL_TYPE = "message/rfc822"
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_LONGEST_FIELD = 500
"""Of other letters than ASCII: writing it anew takes a time that grows with its square."""
_BEYOND_REPAIR = (LookupError, UnicodeError, ValueError, TypeError, AttributeError, RecursionError, MessageError)
"""What the standard library raises for charsets nobody knows, headers that are none, and mails in one another without end."""


class _SevenBits(Compat32):
    """Fields of ASCII stay as they are, line by line."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if not value.isascii():
            return super().fold_binary(name, value)
        return _LINE_ENDS.sub(b"\r\n", f"{name}: {value}\n".encode("ascii"))


_SEVEN_BITS = _SevenBits(cte_type="7bit", linesep="\r\n", max_line_length=None)


def attached_mail(data: bytes, *, allow_8bit: bool) -> tuple[str, bytes] | None:
    """(transfer encoding, body) for a mail that is attached; None when it fits in no other way than as a file. What somebody signed is
    never written anew."""
    if fits_7bit(data):
        return "7bit", _LINE_ENDS.sub(b"\r\n", data)
    if allow_8bit and fits_8bit(data):
        return "8bit", _LINE_ENDS.sub(b"\r\n", data)
    again = _in_7_bits(data)
    return ("7bit", again) if again is not None and fits_7bit(again) else None


def travelling_size(content_type: str, data: bytes) -> int:
    """What a file counts for `wire_size`: a mail of 7 bits does not grow on its way."""
    return len(data) * 57 // 78 if content_type == MAIL_TYPE and data.isascii() else len(data)


def _in_7_bits(data: bytes) -> bytes | None:
    """The same mail, its 8-bit parts in quoted-printable or base64; None for a signed one, and for parts that do not hold what they say."""
    out = BytesIO()
    try:
        mail = message_from_bytes(data, policy=compat32)
        if any(part.get_content_type() == "multipart/signed" or _takes_long(part) for part in mail.walk()):
            return None
        BytesGenerator(out, mangle_from_=False, policy=_SEVEN_BITS).flatten(mail)
    except _BEYOND_REPAIR:
        return None
    return out.getvalue()


def _takes_long(part: Message) -> bool:
    return any(len(value) > _LONGEST_FIELD and not value.isascii() for _, value in part.raw_items())
