"""Files that old programs put into the text itself: uuencode and yEnc."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .attachments import safe_filename
from .transfer import decode_uu
from .words import raw_text

_UU = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,250})\r?\n((?:[!-`][ -`]{0,90}\r?\n)*)[ `]?\r?\n?end[ \t]*(?:\r?\n|\Z)", re.M
)
_YENC = re.compile(
    rb"^=ybegin [^\r\n]*?name=([^\r\n]{1,250})\r?\n(?:=ypart [^\r\n]*\r?\n)?(.*?)^=yend [^\r\n]*(?:\r?\n|\Z)",
    re.M | re.S,
)
_SHIFTED = bytes((b - 42) % 256 for b in range(256))
_ESCAPED = re.compile(rb"=(.)", re.S)


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file found in a text."""

    filename: str | None
    data: bytes = field(repr=False)


def extract_files(data: bytes) -> tuple[bytes, list[EmbeddedFile]]:
    """(`data` without the files in it, the files)"""
    files: list[EmbeddedFile] = []
    if b"begin " not in data:
        return data, files

    def uu(match: re.Match[bytes]) -> bytes:
        files.append(EmbeddedFile(_name(match[1]), decode_uu(match[2])))
        return b""

    def yenc(match: re.Match[bytes]) -> bytes:
        files.append(EmbeddedFile(_name(match[1]), _decode_yenc(match[2])))
        return b""

    if b"=ybegin " in data:
        data = _YENC.sub(yenc, data)
    return _UU.sub(uu, data), files


def _name(raw: bytes) -> str | None:
    return safe_filename(raw_text(raw))


def _decode_yenc(body: bytes) -> bytes:
    """Every byte is shifted by 42; "=" escapes the next one by 64 more."""
    body = (
        body.replace(b"\r", b"").replace(b"\n", b"").replace(b"..", b".")
        if body.startswith(b"..")
        else (body.replace(b"\r", b"").replace(b"\n", b""))
    )
    return _ESCAPED.sub(lambda match: bytes(((match[1][0] - 64) % 256,)), body).translate(_SHIFTED)
