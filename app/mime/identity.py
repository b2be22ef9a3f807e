"""When two copies of a mail are the same mail."""

from __future__ import annotations

import hashlib

from .message import ParsedMessage


def content_hash(message: ParsedMessage) -> str:
    """SHA-256 in hex over what stays the same in every copy of a mail, whichever way it came.

    That is its id, date, sender, subject, decoded bodies and attachments; not the headers that servers add,
    and not the id alone, because senders use one id for different mails.
    """
    digest = hashlib.sha256()
    for piece in _pieces(message):
        digest.update(b"%d:" % len(piece) + piece)
    return digest.hexdigest()


def _pieces(message: ParsedMessage) -> list[bytes]:
    return [
        _plain(message.message_id),
        _plain(message.date.isoformat() if message.date else None),
        _plain(message.sender.email.lower() if message.sender else None),
        _plain(message.subject),
        _plain(message.text),
        _plain(message.html),
        *sorted(file.sha256.encode("ascii") for file in message.attachments),
    ]


def _plain(text: str | None) -> bytes:
    """Without blanks and line ends, which transports change."""
    return (text or "").encode("utf-8", "replace").translate(None, b" \t\r\n")
