"""A part of a mail as a file: its bytes, its name without any path, and where it belongs."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

from .fields import parse_parameters
from .message import MailAttachment
from .tree import Part
from .words import clean_line, decode_words

_LONGEST_NAME = 200
_SPACES = re.compile(r"\s+")
_PERCENT_CODED = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")


def attachment_of(part: Part) -> MailAttachment:
    """The decoded part. It is inline when the sender says so or the mail refers to it."""
    disposition, name = disposition_of(part)
    cid = (part.first("content-id") or "").strip("<> \t") or None
    inline = disposition == "inline" or (cid is not None and disposition != "attachment")
    return file_of(name, part.content_type, part.decoded(), inline=inline, content_id=cid)


def file_of(
    name: str | None, content_type: str, data: bytes, *, inline: bool = False, content_id: str | None = None
) -> MailAttachment:
    digest = hashlib.sha256(data).hexdigest()
    return MailAttachment(name, content_type, len(data), digest, data, inline, content_id)


def disposition_of(part: Part) -> tuple[str, str | None]:
    """(disposition in lower case or "", safe file name or None)"""
    value = part.first("content-disposition")
    disposition, parameters = parse_parameters(value) if value else ("", {})
    for name in (
        parameters.get("filename"),
        part.parameters.get("name"),
        parameters.get("name"),
        part.parameters.get("filename"),
    ):
        safe = safe_filename(name) if name else None
        if safe:
            return disposition, safe
    return disposition, None


def safe_filename(name: str) -> str | None:
    """A file name as people see it: decoded, on one line, without path and of bearable length."""
    name = clean_line(decode_words(name))
    if _PERCENT_CODED.search(name) and " " not in name:
        name = clean_line(unquote(name, errors="replace"))
    name = _SPACES.sub(" ", name.replace("\\", "/")).rstrip("/ ").rpartition("/")[2].strip(" \t\"'")
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: _LONGEST_NAME - 20]}.{ending}" if dot and len(ending) < 16 else name[:_LONGEST_NAME]
    return None if name in ("", ".", "..") else name
