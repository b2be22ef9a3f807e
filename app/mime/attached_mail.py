"""A mail inside another one (message/rfc822): it may not be packed as base64 (RFC 2046 §5.2.1), so it travels as it is, or with those
of its parts packed that need it. Packing keeps every byte of a part, whatever charset it claims."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .charsets import guesses_of_one_mail
from .encoding import UnsendableMail, base64_lines, fits_7bit, fits_8bit, header_line
from .tree import Part, parse_tree
from .words import clean_line, decode_words, raw_text

__all__ = ["MAIL_TYPE", "attached_mail", "travelling_size"]

MAIL_TYPE = "message/rfc822"
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_ENCODING = re.compile(rb"^content-transfer-encoding[ \t]*:.*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(rb"^subject[ \t]*:(.*\n(?:[ \t].*\n)*)", re.IGNORECASE | re.MULTILINE)
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_NOT_PACKED = ("", "7bit", "8bit", "binary")
_MOST_NESTED = 10


class _OnlyAsFile(Exception):
    """The mail cannot be written anew so that it reads the same."""


def attached_mail(data: bytes, *, allow_8bit: bool) -> tuple[str, bytes] | None:
    """(transfer encoding, body) for a mail that is attached; None when it fits in no other way than as a file. What somebody signed is
    never written anew."""
    if fits_7bit(data):
        return "7bit", _LINE_ENDS.sub(b"\r\n", data)
    if allow_8bit and fits_8bit(data):
        return "8bit", _LINE_ENDS.sub(b"\r\n", data)
    try:
        with guesses_of_one_mail():
            again = _in_7_bits(data)
    except (_OnlyAsFile, UnsendableMail):
        return None
    return ("7bit", _LINE_ENDS.sub(b"\r\n", again)) if fits_7bit(again) else None


def travelling_size(content_type: str, data: bytes) -> int:
    """What a file counts for `wire_size`: a mail of 7 bits does not grow on its way."""
    return len(data) * 57 // 78 if content_type == MAIL_TYPE and data.isascii() else len(data)


def _in_7_bits(data: bytes, depth: int = 0) -> bytes:
    """The same mail, those bodies in base64 that do not fit otherwise. Quoted-printable would not do: where it breaks a line, the next one
    might look like the end of a part. Raises `_OnlyAsFile` for what is broken, signed, or nested without end."""
    defects: list[str] = []
    root = parse_tree(data, defects)
    if defects or depth > _MOST_NESTED:
        raise _OnlyAsFile
    pieces = [] if root.first("mime-version") else [b"MIME-Version: 1.0\r\n"]
    at = root.head
    for part in _with_children(root):
        pieces += [data[at : part.head], *_rewritten(part, depth)]
        at = part.start if part.children else part.end
    return b"".join([*pieces, data[at:]])


def _with_children(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _with_children(child)


def _rewritten(part: Part, depth: int) -> tuple[bytes, bytes]:
    """Head and body of a part; of one with parts of its own the head alone."""
    if part.content_type == "multipart/signed":
        raise _OnlyAsFile
    head = _head(part)
    if part.children or fits_7bit(part.body):
        return head, b"" if part.children else part.body
    if part.encoding not in _NOT_PACKED:
        raise _OnlyAsFile
    if part.content_type == MAIL_TYPE:
        return head, _in_7_bits(part.body, depth + 1)
    if part.content_type.startswith("message/"):
        raise _OnlyAsFile
    body = _LINE_ENDS.sub(b"\r\n", part.body) if part.content_type.startswith("text/") else part.body
    return b"Content-Transfer-Encoding: base64\r\n" + _ENCODING.sub(b"", head), base64_lines(body).rstrip()


def _head(part: Part) -> bytes:
    """The fields as they are. Other letters than ASCII are written anew in a subject only; elsewhere they stand among names and
    addresses that other programs would not find any more."""
    head = part.raw[part.head : part.start]
    if not head.isascii():
        head = _SUBJECT.sub(_subject, head)
    if not head.isascii() or _LONE_RETURN.search(head):  # on the way that would become the end of a line
        raise _OnlyAsFile
    return head


def _subject(field: re.Match[bytes]) -> bytes:
    text = clean_line(decode_words(raw_text(field[1].strip())))
    return header_line("Subject", text).encode("ascii") + b"\r\n"
