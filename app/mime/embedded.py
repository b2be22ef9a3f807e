"""Files that old programs put into the text itself: uuencode and yEnc."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .attachments import safe_filename
from .transfer import decode_uu
from .words import raw_text

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
    for mark, kind in ((b"=ybegin ", _YENC), (b"begin ", _UU)):
        if mark in data:
            data = _cut_out(data, kind, files)
    return data, files


def _cut_out(data: bytes, kind: _Kind, files: list[EmbeddedFile]) -> bytes:
    """`data` without the stretches from a begin to the next end whose lines are of that kind."""
    kept, at, stop = [], 0, None
    while start := kind.begin.search(data, at):
        if stop is None or stop.start() < start.end():
            stop = kind.end.search(data, start.end())
        if stop is None:
            break
        if kind.lines.match(data, start.end(), stop.start()):
            body = data[start.end() : stop.start()]
            files.append(EmbeddedFile(safe_filename(raw_text(start[1])), kind.decode(body)))
            kept.append(data[at : start.start()])
            at = stop.end()
        else:
            kept.append(data[at : start.end()])
            at = start.end()
    return b"".join([*kept, data[at:]])


def _decode_yenc(body: bytes) -> bytes:
    """Every byte is shifted by 42; "=" escapes the next one by 64 more."""
    plain = _ESCAPED.sub(lambda match: bytes(((match[1][0] - 64) % 256,)), body.translate(None, b"\r\n"))
    return plain.translate(_SHIFTED)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a file begins (with its name), ends, looks in between, and is decoded."""

    begin: re.Pattern[bytes]
    end: re.Pattern[bytes]
    lines: re.Pattern[bytes]
    decode: Callable[[bytes], bytes]


_UU = _Kind(
    re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,250})\r?\n(?=[!-`])", re.M),
    re.compile(rb"^[ `]?\r?\n?end[ \t]*(?:\r?\n|\Z)", re.M),
    re.compile(rb"(?:[!-`][ -`]{0,90}\r?\n)*\Z"),
    decode_uu,
)
_YENC = _Kind(
    re.compile(rb"^=ybegin [^\r\n]{0,200}?name=([^\r\n]{1,250})\r?\n(?:=ypart [^\r\n]*\r?\n)?", re.M),
    re.compile(rb"^=yend [^\r\n]*(?:\r?\n|\Z)", re.M),
    re.compile(rb""),
    _decode_yenc,
)
