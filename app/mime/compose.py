"""A `MailDraft` to the bytes of a mail (RFC 5322, MIME), ready for any server.

The same draft always gives the same bytes, so that a second try sends the same mail. How single fields and
bodies are encoded is in `encoding`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from email.utils import format_datetime

from .attached_mail import MAIL_TYPE, attached_mail
from .encoding import (
    CRLF,
    UnsendableMail,
    address_list,
    base64_lines,
    checked,
    encoded_words,
    header_line,
    parameter,
    text_body,
    tokens_line,
    wire_address,
)
from .message import MailDraft, OutgoingFile

MAX_REFERENCES = 20
_AUTO_SUBMITTED = {"auto-replied", "auto-generated", "auto-notified"}
_FIELD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,75}")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_ID = re.compile(r"[^\s<>()\"\\,;:]+")
_RESERVED = {
    "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "auto-submitted", "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
    "content-id", "return-path", "received",
}  # fmt: skip


def compose_message(draft: MailDraft, *, allow_8bit: bool = False) -> bytes:
    """The mail, lines ending in CRLF and 7-bit unless `allow_8bit` (8BITMIME) or a non-ASCII address forces more.

    Raises `UnsendableMail` when a header value holds a line break or an address, id or type is malformed.
    """
    body = _body(draft, allow_8bit=allow_8bit)
    head = [*_header_lines(draft), "MIME-Version: 1.0"]
    return CRLF.join(head).encode("utf-8") + b"\r\n" + body


def needs_smtputf8(draft: MailDraft) -> bool:
    """True when an address has a part before the @ that only SMTPUTF8 (RFC 6531) carries."""
    people = (draft.sender, *draft.to, *draft.cc, *draft.bcc, *draft.reply_to)
    return not all(wire_address(person.email).isascii() for person in people)


def _header_lines(draft: MailDraft) -> Iterable[str]:
    yield address_list("From", (draft.sender,))
    if draft.to:
        yield address_list("To", draft.to)
    elif not draft.cc:
        yield "To: undisclosed-recipients:;"
    if draft.cc:
        yield address_list("Cc", draft.cc)
    if draft.reply_to:
        yield address_list("Reply-To", draft.reply_to)
    for person in draft.bcc:
        wire_address(person.email)  # refused here rather than by the server
    yield header_line("Subject", draft.subject)
    if draft.date.utcoffset() is None:
        raise UnsendableMail("the date of a mail needs a time zone")
    yield "Date: " + format_datetime(draft.date)
    yield tokens_line("Message-ID", [_bracketed(draft.message_id)])
    if draft.in_reply_to:
        yield tokens_line("In-Reply-To", [_bracketed(draft.in_reply_to)])
    references = _references(draft)
    if references:
        yield tokens_line("References", references)
    yield from _automatic(draft)
    for name, value in draft.extra_headers.items():
        yield _extra(name, value)


def _references(draft: MailDraft) -> list[str]:
    """The chain of ids, the first one and the newest kept when it is long (RFC 5322 §3.6.4)."""
    ids = list(dict.fromkeys((*draft.references, *filter(None, [draft.in_reply_to]))))
    if len(ids) > MAX_REFERENCES:
        ids = [ids[0], *ids[1 - MAX_REFERENCES :]]
    return [_bracketed(one) for one in ids if _ID.fullmatch(one) and len(one) < 900]


def _automatic(draft: MailDraft) -> Iterable[str]:
    """What keeps other machines from answering: the standard's field, and what those look at that know it not (Exchange, procmail)."""
    kind = draft.auto_submitted
    if kind is None:
        return
    if kind not in _AUTO_SUBMITTED:
        raise UnsendableMail("Auto-Submitted cannot be " + kind[:50])
    yield "Auto-Submitted: " + kind
    yield "X-Auto-Response-Suppress: All"
    yield header_line("X-Loop", draft.sender.email)
    if kind == "auto-replied":
        yield "Precedence: auto_reply"


def _extra(name: str, value: str) -> str:
    if not _FIELD_NAME.fullmatch(name) or name.lower() in _RESERVED:
        raise UnsendableMail("no header of that name can be added: " + name[:50])
    return header_line(name, value)


def _bracketed(one: str) -> str:
    if not _ID.fullmatch(one) or len(one) > 900:
        raise UnsendableMail("not a message id: " + one[:100])
    return f"<{one}>"


def _body(draft: MailDraft, *, allow_8bit: bool) -> bytes:
    """The entity below the header: its Content-Type fields, an empty line and the content."""

    def entity_of(file: OutgoingFile) -> bytes:
        return _file_entity(file, allow_8bit=allow_8bit)

    inline = [file for file in draft.attachments if file.inline and file.content_id and draft.html]
    attached = [file for file in draft.attachments if file not in inline]
    entity = _text_entity("plain", draft.text, allow_8bit=allow_8bit)
    if draft.html is not None:
        rich = _text_entity("html", draft.html, allow_8bit=allow_8bit)
        if inline:
            rich = _multipart(draft, "related", [rich, *map(entity_of, inline)])
        entity = _multipart(draft, "alternative", [entity, rich])
    if attached:
        entity = _multipart(draft, "mixed", [entity, *map(entity_of, attached)])
    return entity


def _text_entity(subtype: str, text: str, *, allow_8bit: bool) -> bytes:
    encoding, body = text_body(text, allow_8bit=allow_8bit)
    head = f"Content-Type: text/{subtype}; charset=utf-8{CRLF}Content-Transfer-Encoding: {encoding}{CRLF}{CRLF}"
    return head.encode("ascii") + body


def _multipart(draft: MailDraft, subtype: str, entities: list[bytes]) -> bytes:
    """The boundary is made from the contents: nobody can put it into them beforehand."""
    digest = hashlib.sha256(draft.message_id.encode("utf-8", "replace"))
    for entity in entities:
        digest.update(entity)
    boundary = f"=_{subtype[:3]}_{digest.hexdigest()[:32]}"
    extra = '; type="text/html"' if subtype == "related" else ""
    head = f'Content-Type: multipart/{subtype}{extra};{CRLF} boundary="{boundary}"{CRLF}'
    if not all(entity.isascii() for entity in entities):
        head += f"Content-Transfer-Encoding: 8bit{CRLF}"  # RFC 2045 §6.4: what holds 8 bits says so
    head += CRLF
    mark = f"--{boundary}".encode("ascii")
    joined = b"".join(mark + b"\r\n" + entity + b"\r\n" for entity in entities)
    return head.encode("ascii") + joined + mark + b"--\r\n"


def _file_entity(file: OutgoingFile, *, allow_8bit: bool) -> bytes:
    if not _CONTENT_TYPE.fullmatch(file.content_type) or file.content_type.startswith("multipart/"):
        raise UnsendableMail("not the type of a file: " + file.content_type[:100])
    content_type, encoding, body = _file_body(file, allow_8bit=allow_8bit)
    filename = checked("filename", file.filename)
    lines = [
        tokens_line("Content-Type", [content_type + ";", *_name(filename)]),
        "Content-Transfer-Encoding: " + encoding,
        _disposition(file, filename),
    ]
    if file.content_id:
        lines.append(tokens_line("Content-ID", [_bracketed(file.content_id)]))
    return CRLF.join(lines).encode("utf-8") + b"\r\n\r\n" + body


def _file_body(file: OutgoingFile, *, allow_8bit: bool) -> tuple[str, str, bytes]:
    """(type, transfer encoding, body). A mail that cannot be attached as one is a file."""
    if file.content_type != MAIL_TYPE:
        return file.content_type, "base64", base64_lines(file.data)
    attached = attached_mail(file.data, allow_8bit=allow_8bit)
    if attached is not None:
        return MAIL_TYPE, *attached
    return "application/octet-stream", "base64", base64_lines(file.data)


def _name(filename: str) -> list[str]:
    """`name` for programs that do not know Content-Disposition; they read encoded-words in it."""
    if filename.isascii() and len(filename) <= 60:
        return parameter("name", filename)
    words = encoded_words(filename)
    return ['name="' + words[0], *words[1:-1], words[-1] + '"'] if len(words) > 1 else [f'name="{words[0]}"']


def _disposition(file: OutgoingFile, filename: str) -> str:
    pieces = parameter("filename", filename)
    tokens = [("inline" if file.inline else "attachment") + ";"]
    tokens += [piece + ";" for piece in pieces[:-1]] + pieces[-1:]
    return tokens_line("Content-Disposition", tokens)
