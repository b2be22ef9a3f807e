"""winmail.dat taken apart (Microsoft's MS-OXTNEF): the files, the messages and the body that Outlook hides in it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from .attachments import file_of, safe_filename
from .charsets import decode
from .compressed_rtf import decompress_rtf
from .message import MailAttachment
from .rtf import read_rtf
from .tnef_message import MESSAGE_TEXTS, SENT_AT, EmbeddedMessage, as_mail

TNEF_TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
_SIGNATURE = 0x223E9F78
_ATTACH_BEGINS, _ATTACH_TITLE, _ATTACH_DATA, _ATTACH_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_MESSAGE_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_BODY, _BODY_HTML, _BODY_RTF = 0x1000, 0x1013, 0x1009
_LONG_NAME, _MIME_TYPE, _CONTENT_ID, _DATA_OBJECT = 0x3707, 0x370E, 0x3712, 0x3701
_FIXED_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x1E, 0x1F, 0x0D, 0x102}
_MOST_PROPERTIES = 5_000
_DEEPEST = 5
_INTERFACE_ID = 16  # bytes before an object that say what it is


@dataclass(slots=True)
class TnefContent:
    """What was inside: a body as text or HTML, and the files."""

    text: str | None = None
    html: str | None = None
    rtf: bytes = field(default=b"", repr=False)
    files: list[MailAttachment] = field(default_factory=list)
    message: EmbeddedMessage = field(default_factory=EmbeddedMessage)

    def read_rtf(self) -> None:
        """Fill in what is missing of text and HTML from the formatted body, which is compressed until somebody asks."""
        if self.html is None and self.rtf:
            found = read_rtf(decompress_rtf(self.rtf))
            self.html = found.html
            self.text = found.text if self.text is None else self.text


@dataclass(slots=True)
class _File:
    title: str | None = None
    content_type: str = "application/octet-stream"
    content_id: str | None = None
    data: bytes = b""
    is_object: bool = False


def unpack_tnef(data: bytes, depth: int = 0) -> TnefContent | None:
    """The content of a winmail.dat, or None when it is none. What is damaged ends the reading, not the mail. A message in it becomes a
    file of type message/rfc822, down to five of them in one another."""
    if len(data) < 6 or int.from_bytes(data[:4], "little") != _SIGNATURE:
        return None
    content, files, code_page = TnefContent(), [], "cp1252"
    for attribute, value in _attributes(data):
        if attribute == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{int.from_bytes(value[:4], 'little')}"
        elif attribute == _ATTACH_BEGINS:
            files.append(_File())
        elif attribute in (_MESSAGE_BODY, _MESSAGE_PROPERTIES):
            _read_body(attribute, value, content, code_page)
        elif files:
            _read_file(attribute, value, files[-1], code_page)
    content.files = [_as_file(file, depth) for file in files if file.data or file.title]
    return content


def _as_file(file: _File, depth: int) -> MailAttachment:
    inner = unpack_tnef(file.data[_INTERFACE_ID:], depth + 1) if file.is_object and depth < _DEEPEST else None
    if inner is not None:
        inner.read_rtf()
        mail = as_mail(inner.message, inner.text, inner.html, inner.files)
        if mail is not None:
            return file_of(file.title or f"{inner.message.subject or 'message'}.eml", "message/rfc822", mail)
    data = file.data[_INTERFACE_ID:] if file.is_object else file.data
    return file_of(file.title, file.content_type, data, inline=file.content_id is not None, content_id=file.content_id)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, value) of each attribute: a level byte, id and type, length, value, checksum."""
    at = 6
    while at + 9 <= len(data):
        _level, attribute, _kind, length = struct.unpack_from("<BHHI", data, at)
        at += 9
        if at + length > len(data):
            return
        yield attribute, data[at : at + length]
        at += length + 2


def _read_body(attribute: int, value: bytes, content: TnefContent, code_page: str) -> None:
    if attribute == _MESSAGE_BODY:
        content.text = decode(value.rstrip(b"\0"), code_page)
        return
    for name, kind, data in _properties(value):
        if name == _BODY:
            content.text = _string(kind, data, code_page)
        elif name == _BODY_HTML:
            content.html = _string(kind, data, code_page)
        elif name == _BODY_RTF:
            content.rtf = data
        elif name in MESSAGE_TEXTS:
            content.message.texts[name] = _string(kind, data, code_page)
        elif name == SENT_AT:
            content.message.read_time(data)


def _read_file(attribute: int, value: bytes, file: _File, code_page: str) -> None:
    if attribute == _ATTACH_TITLE:
        file.title = file.title or safe_filename(decode(value.rstrip(b"\0"), code_page))
    elif attribute == _ATTACH_DATA:
        file.data = value
    elif attribute == _ATTACH_PROPERTIES:
        for name, kind, data in _properties(value):
            if name == _LONG_NAME:
                file.title = safe_filename(_string(kind, data, code_page)) or file.title
            elif name == _MIME_TYPE:
                file.content_type = _string(kind, data, code_page).lower() or file.content_type
            elif name == _CONTENT_ID:
                file.content_id = _string(kind, data, code_page).strip("<> ") or None
            elif name == _DATA_OBJECT and not file.data:
                file.data, file.is_object = data, True


def _string(kind: int, data: bytes, code_page: str) -> str:
    if kind & 0xFFF == 0x1F:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    return decode(data.rstrip(b"\0"), code_page)


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(id, type, first value) of each MAPI property; an unknown type ends the list."""
    try:
        count, at = struct.unpack_from("<I", data)[0], 4
        for _ in range(min(count, _MOST_PROPERTIES)):
            kind, name = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4) if name >= 0x8000 else at + 4
            values, at = _values(data, at, kind)
            if values:
                yield name, kind, values[0]
    except (struct.error, _UnknownType):
        return


class _UnknownType(Exception):
    pass


def _after_name(data: bytes, at: int) -> int:
    """Behind the name of a named property: a GUID, then a number or a padded string."""
    named = struct.unpack_from("<I", data, at + 16)[0]
    if named == 0:
        return at + 24
    length = struct.unpack_from("<I", data, at + 20)[0]
    return at + 24 + _padded(length)


def _values(data: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    base, many = kind & 0xFFF, bool(kind & 0x1000)
    if base in _VARIABLE:
        return _variable_values(data, at)
    size = _FIXED_SIZES.get(base)
    if size is None:
        raise _UnknownType
    count = 1
    if many:
        count, at = struct.unpack_from("<I", data, at)[0], at + 4
    end = at + size * count
    return [data[at : at + size]] if end <= len(data) else [], end


def _variable_values(data: bytes, at: int) -> tuple[list[bytes], int]:
    count, at = struct.unpack_from("<I", data, at)[0], at + 4
    values = []
    for _ in range(min(count, _MOST_PROPERTIES)):
        length, at = struct.unpack_from("<I", data, at)[0], at + 4
        values.append(data[at : at + length])
        at += _padded(length)
    return values, at


def _padded(length: int) -> int:
    return (length + 3) & ~3
