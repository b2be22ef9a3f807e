"""Transfer encodings undone (RFC 2045 §6), damaged ones as far as they go."""

from __future__ import annotations

import binascii
import quopri
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_BASE64_LINE = re.compile(
    rb"^[ \t]*(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})(?=\s|\Z)", re.M
)
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
_PADDED_END = re.compile(rb"=+[^\n]*")
_UUENCODE = {"x-uuencode", "uuencode", "uue", "x-uue"}


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """The bytes that `body` stands for; an unknown encoding changes nothing."""
    if encoding == "base64":
        return _base64(body)
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding in _UUENCODE:
        return decode_uu(body)
    return body


def lenient_base64(raw: bytes) -> bytes:
    """Base64 with foreign bytes skipped and the padding made right.

    Padding ends a run; what follows it on the same line is no base64, the next line begins a new run.
    """
    try:
        return binascii.a2b_base64(raw, strict_mode=True)
    except binascii.Error:
        runs = (_NOT_BASE64.sub(b"", run) for run in _PADDED_END.split(raw))
        return b"".join(_decode_run(run) for run in runs if run)


def decode_uu(body: bytes) -> bytes:
    """The bytes of uuencoded lines, with or without their ``begin`` and ``end``."""
    out = []
    for line in body.splitlines():
        if not line or line.startswith((b"begin ", b"end")):
            continue
        wanted = 1 + (((line[0] - 32) & 63) + 2) // 3 * 4  # some encoders add a checksum character
        try:
            out.append(binascii.a2b_uu(line[:wanted]))
        except binascii.Error:
            continue
    return b"".join(out)


def _base64(body: bytes) -> bytes:
    """A body that only claims to be base64 is left as it is."""
    if not _BASE64_LINE.search(body) and _FOREIGN.search(body[:400]):
        return body
    try:
        return binascii.a2b_base64(body.translate(None, b"\r\n\t "), strict_mode=True)
    except binascii.Error:
        return lenient_base64(body)


def _decode_run(run: bytes) -> bytes:
    if len(run) % 4 == 1:  # a lone character carries no byte
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))
