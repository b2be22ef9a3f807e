"""A parsed mail as the JSON object that `tidings parse-email` prints, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from .html import sanitize_html
from .message import Address, Bounce, MailAttachment, ParsedMessage
from .parsing import parse_message


def parse_files(paths: Iterable[str], out: TextIO) -> None:
    """Write one line of JSON for each path; a file that cannot be read gives a line with `error`."""
    for path in paths:
        out.write(json.dumps(_answer(path), ensure_ascii=False) + "\n")
    out.flush()


def as_contract(path: str, message: ParsedMessage) -> dict[str, Any]:
    """The fields that the command promises, made of JSON's types."""
    return {
        "file": path,
        "from": _person(message.sender) if message.sender else None,
        "to": [_person(one) for one in message.to],
        "cc": [_person(one) for one in message.cc],
        "reply_to": [_person(one) for one in message.reply_to],
        "subject": message.subject,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "date": message.date.isoformat() if message.date else None,
        "text": message.text,
        "html_sanitized": sanitize_html(message.html) if message.html is not None else None,
        "reply_text": message.reply_text,
        "attachments": [_file(one) for one in message.attachments],
        "is_auto_reply": message.is_auto_reply,
        "is_bounce": message.is_bounce,
        "mail_type": message.mail_type.value,
        "bounce": _bounce(message.bounce) if message.bounce else None,
        "defects": list(message.defects),
    }


def _answer(path: str) -> dict[str, Any]:
    try:
        raw = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        return {"file": path, "error": str(error)}
    return as_contract(path, parse_message(raw))


def _person(person: Address) -> dict[str, str]:
    return {"name": person.name, "email": person.email}


def _file(attachment: MailAttachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "inline": attachment.inline,
        "content_id": attachment.content_id,
    }


def _bounce(bounce: Bounce) -> dict[str, Any]:
    recipients = [
        {"address": r.address, "status": r.status, "permanent": r.permanent, "diagnostic": r.diagnostic}
        for r in bounce.recipients
    ]
    return {"recipients": recipients, "original_message_id": bounce.original_message_id}
