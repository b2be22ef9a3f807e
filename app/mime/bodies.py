"""Which parts of a mail are its text, its HTML and its attachments."""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass, field

from .charsets import decode
from .fields import parse_parameters
from .html import text_to_html
from .html_text import html_to_text
from .message import MailAttachment
from .tree import Part
from .words import clean_line, decode_words

_FILE_TEXTS = {"text/calendar", "text/csv", "text/rtf", "text/vcard", "text/x-vcard", "text/directory"}
_DEFAULT_NAMES = {"text/calendar": "invitation.ics", "text/vcard": "contact.vcf"}
_ENCRYPTED = {"multipart/encrypted", "application/pgp-encrypted"}
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


@dataclass(slots=True)
class Section:
    """One stretch of the body: plain text, HTML, or both when the sender gave the choice."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Bodies:
    """All that the parts of a mail hold, decoded."""

    sections: list[Section] = field(default_factory=list)
    attachments: list[MailAttachment] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)  # every leaf, in order
    text: str | None = None
    html: str | None = None
    is_signed: bool = False
    is_encrypted: bool = False


def read_bodies(root: Part, defects: list[str]) -> Bodies:
    """Text, HTML and attachments of a tree, in the order of the mail."""
    bodies = Bodies()
    stack: list[tuple[Part, Section | None]] = [(root, None)]
    while stack:
        part, choice = stack.pop()
        if part.children:
            if part.content_type == "multipart/alternative" and choice is None:
                choice = Section()
                bodies.sections.append(choice)
            stack.extend((child, choice) for child in reversed(part.children))
            continue
        bodies.parts.append(part)
        if not _take_text(part, choice, bodies):
            bodies.attachments.append(_attachment(part))
    sections = [s for s in bodies.sections if s.text is not None or s.html is not None]
    if sections:
        bodies.text = "\n".join(s.text if s.text is not None else html_to_text(s.html or "") for s in sections)
        if any(s.html is not None for s in sections):
            bodies.html = "\n".join(s.html if s.html is not None else text_to_html(s.text or "") for s in sections)
    return bodies


def _take_text(part: Part, choice: Section | None, bodies: Bodies) -> bool:
    disposition, name = _disposition(part)
    if not part.content_type.startswith("text/") or part.content_type in _FILE_TEXTS:
        return False
    if disposition == "attachment" or name:
        return False
    text = decode(part.decoded(), part.parameters.get("charset")).replace("\r\n", "\n").replace("\r", "\n")
    section = choice
    kind = "html" if part.content_type == "text/html" else "text"
    if section is None or getattr(section, kind) is not None:
        section = Section()
        bodies.sections.append(section)
    setattr(section, kind, text)
    return True


def _disposition(part: Part) -> tuple[str, str | None]:
    value, parameters = parse_parameters(part.first("content-disposition") or "")
    name = parameters.get("filename") or part.parameters.get("name") or part.parameters.get("filename")
    return value, safe_filename(name) if name else None


def safe_filename(name: str) -> str | None:
    """A file name without path and control characters."""
    name = clean_line(decode_words(name)).replace("\\", "/")
    return posixpath.basename(re.sub(r"\s+", " ", name).rstrip("/")).strip() or None


def _attachment(part: Part) -> MailAttachment:
    disposition, name = _disposition(part)
    data = part.decoded()
    cid = (part.first("content-id") or "").strip("<> \t") or None
    return MailAttachment(
        filename=name or _DEFAULT_NAMES.get(part.content_type),
        content_type=part.content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        inline=disposition == "inline" or (cid is not None and disposition != "attachment"),
        content_id=cid,
    )
