"""When two copies of a mail are the same mail."""

from __future__ import annotations

import hashlib

from .message import ParsedMessage


def content_hash(message: ParsedMessage) -> str:
    """SHA-256 in hex over what stays the same in every copy of a mail, whichever way it came.

    That is its id, date, sender, subject, decoded bodies and attachments; not the headers that servers add, and
    not the id alone, because senders use one id for different mails.
    """
    digest = hashlib.sha256()
    for piece in _pieces(message):
        data = piece.encode("utf-8", "replace")
        digest.update(f"{len(data)}:".encode("ascii") + data)
    return digest.hexdigest()


def _pieces(message: ParsedMessage) -> list[str]:
    return [
        message.message_id or "",
        message.date.isoformat() if message.date else "",
        message.sender.email.lower() if message.sender else "",
        message.subject or "",
        _levelled(message.text),
        _levelled(message.html),
        *sorted(file.sha256 for file in message.attachments),
    ]


def _levelled(text: str | None) -> str:
    """Without the differences in blanks and line ends that transports make."""
    return " ".join((text or "").split())
