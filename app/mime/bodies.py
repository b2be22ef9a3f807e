"""Which parts of a mail are its text, its HTML and its attachments.

Text is put together in the order of the mail; of alternatives each form is taken once; whatever is not shown
as text is an attachment, so that nothing is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from .attachments import attachment_of, disposition_of, file_of
from .calendar import CALENDAR_TYPES, MOST_EVENTS, CalendarEvent, read_calendar
from .charsets import decode
from .embedded import EmbeddedFile, extract_files
from .flowed import unflow
from .html import text_to_html
from .html_text import html_to_text
from .message import MailAttachment
from .opaque_signed import signed_content
from .tnef import TNEF_TYPES, unpack_tnef
from .tree import Part, parse_tree

_FILE_TEXTS = {
    "text/calendar", "text/csv", "text/rtf", "text/vcard", "text/x-vcard", "text/directory", "text/xml",
    "text/rfc822-headers", "text/x-patch", "text/x-diff", "text/tab-separated-values",
}  # fmt: skip
_SPARE_TEXTS = {"text/x-amp-html", "text/watch-html"}  # the same once more, for one program only
_RICH_TEXTS = {"text/enriched", "text/richtext", "text/markdown"}
_SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_PGP_BEGIN, _PGP_SIGNATURE, _PGP_END = (
    f"-----{words}-----\n" for words in ("BEGIN PGP SIGNED MESSAGE", "BEGIN PGP SIGNATURE", "END PGP SIGNATURE")
)
_DASH_ESCAPE = re.compile(r"^- (?=-)", re.M)


@dataclass(slots=True)
class Section:
    """One stretch of the body: plain text, HTML, or both when the sender gave the choice."""

    text: str | None = None
    html: str | None = None
    is_choice: bool = False

    def add(self, text: str, *, html: bool) -> None:
        if html:
            self.html = text if self.html is None else f"{self.html}\n{text}"
        else:
            self.text = text if self.text is None else f"{self.text}\n{text}"


@dataclass(slots=True)
class Bodies:
    """All that the parts of a mail hold, decoded. `parts` are the leaves of the tree in order."""

    parts: list[Part] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    attachments: list[MailAttachment] = field(default_factory=list)
    text: str | None = None
    html: str | None = None
    has_own_text: bool = False  # False when all of `text` was made from the HTML
    is_signed: bool = False
    is_encrypted: bool = False
    events: list[CalendarEvent] = field(default_factory=list)


def read_bodies(root: Part, defects: list[str]) -> Bodies:
    """Text, HTML and attachments of a tree."""
    bodies = Bodies()
    named_texts: list[Part] = []
    stack: list[tuple[Part, Section | None]] = [(root, None)]
    while stack:
        part, choice = stack.pop()
        _mark_protection(part, bodies)
        if part.children:
            if part.content_type == "multipart/alternative" and choice is None:
                choice = Section(is_choice=True)
                bodies.sections.append(choice)
            stack.extend((child, choice) for child in reversed(part.children))
            continue
        content = signed_content(part.decoded()) if part.content_type in _SMIME else None
        if content is not None:
            bodies.is_signed, bodies.is_encrypted = True, False
            stack.append((parse_tree(content, defects), choice))
            continue
        bodies.parts.append(part)
        _take(part, choice, bodies, named_texts)
    if named_texts and not any(_has_words(section) for section in bodies.sections):
        _take_text(named_texts[0], None, bodies)  # a body with a file name is still the body
    _put_together(bodies)
    return bodies


def _mark_protection(part: Part, bodies: Bodies) -> None:
    kind = part.content_type
    if kind == "multipart/signed":
        bodies.is_signed = True
    elif kind in ("multipart/encrypted", "application/pgp-encrypted"):
        bodies.is_encrypted = True
    elif kind in _SMIME:
        signed = part.parameters.get("smime-type", "").lower().startswith("signed")
        bodies.is_signed |= signed
        bodies.is_encrypted |= not signed


def _take(part: Part, choice: Section | None, bodies: Bodies, named_texts: list[Part]) -> None:
    disposition, name = disposition_of(part)
    if part.content_type in TNEF_TYPES or (name or "").lower() == "winmail.dat":
        if _take_tnef(part, bodies):
            return
    elif part.content_type.startswith("text/") and part.content_type not in _FILE_TEXTS:
        filled = choice is not None and bool(choice.text or choice.html)
        if filled and part.content_type in _SPARE_TEXTS:
            return
        if filled and part.content_type in _RICH_TEXTS:
            disposition = "attachment"  # a third form of what is there already
        if disposition != "attachment" and not name:
            _take_text(part, choice, bodies)
            return
        if disposition != "attachment" and part.content_type in ("text/plain", "text/html"):
            named_texts.append(part)
    bodies.attachments.append(attachment_of(part))
    if part.content_type in CALENDAR_TYPES and len(bodies.events) < MOST_EVENTS:
        bodies.events.extend(_events(part))


def _events(part: Part) -> tuple[CalendarEvent, ...]:
    text = decode(part.decoded(), part.parameters.get("charset") or "utf-8")
    return read_calendar(text, part.parameters.get("method", ""))


def _take_text(part: Part, choice: Section | None, bodies: Bodies) -> None:
    html = part.content_type == "text/html"
    data = part.decoded()
    files: list[EmbeddedFile] = []
    if not html:
        data, files = extract_files(data)
    text = decode(data, part.parameters.get("charset") or _charset_in_html(data, html=html))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if not html:
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
        text = _without_armour(text, bodies)
    section = choice
    if section is None:
        section = Section()
        bodies.sections.append(section)
    section.add(text, html=html)
    bodies.attachments.extend(_embedded(file) for file in files)


def _charset_in_html(data: bytes, *, html: bool) -> str | None:
    match = re.search(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", data[:2000], re.I) if html else None
    return match[1].decode("ascii") if match else None


def _without_armour(text: str, bodies: Bodies) -> str:
    """The words of a clear-signed text (RFC 9580 §7); an encrypted text stays as it is and is marked."""
    if "-----BEGIN PGP " not in text:
        return text
    bodies.is_encrypted |= "-----BEGIN PGP MESSAGE-----" in text
    before, begin, rest = text.partition(_PGP_BEGIN)
    signed, signature, after = rest.partition(_PGP_SIGNATURE)
    if not begin or not signature:
        return text
    bodies.is_signed = True
    _hash_names, _, words = signed.partition("\n\n")
    return before + _DASH_ESCAPE.sub("", words or signed) + after.partition(_PGP_END)[2]


def _take_tnef(part: Part, bodies: Bodies) -> bool:
    """Replace a winmail.dat by what is in it; False when there is nothing in it."""
    content = unpack_tnef(part.decoded())
    if content is None:
        return False
    if not any(_has_words(section) for section in bodies.sections):
        content.read_rtf()
        if content.text or content.html:
            bodies.sections.append(Section(content.text, content.html))
    bodies.attachments.extend(content.files)
    return bool(content.files) or bool(content.text or content.html)


def _embedded(file: EmbeddedFile) -> MailAttachment:
    return file_of(file.filename, "application/octet-stream", file.data)


def _has_words(section: Section) -> bool:
    return bool((section.text or "").strip() or (section.html or "").strip())


def _put_together(bodies: Bodies) -> None:
    """Text and HTML of all sections; each has all the words, made from the other where it is missing."""
    sections = [one for one in bodies.sections if one.text is not None or one.html is not None]
    if not sections:
        return
    bodies.text = "\n".join(_text_of(one) for one in sections)
    bodies.has_own_text = any((one.text or "").strip() for one in sections)
    if any(one.html is not None for one in sections):
        bodies.html = "\n".join(one.html if one.html is not None else text_to_html(one.text or "") for one in sections)
        bodies.attachments = _with_images_inline(bodies.attachments, bodies.html)


def _text_of(section: Section) -> str:
    if section.text is None or (not section.text.strip() and section.html is not None):
        return html_to_text(section.html or "")
    return section.text


def _with_images_inline(attachments: list[MailAttachment], html: str) -> list[MailAttachment]:
    """An attachment that the HTML shows is inline, whatever its disposition says."""
    if "cid:" not in html:
        return attachments
    return [
        replace(one, inline=True) if one.content_id and f"cid:{one.content_id}" in html else one for one in attachments
    ]
