"""Header values to text: raw 8-bit bytes, RFC 2047 encoded-words in every broken form, RFC 2231 values.

What the values mean (addresses, ids, dates) is in `addresses` and `fields`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from .charsets import decode
from .transfer import lenient_base64

# =?charset*language?B?text?= ; the text may hold blanks (broken Q encoders) and the end may be missing.
_WORD = re.compile(r"=\?([^?\s]{1,80})\?(?:([bB])\?([^?]*)|([qQ])\?((?:[^?=]|=(?!\?)|\?(?!=)){0,2000}?))(?:\?=|\??$)")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")


def raw_text(value: bytes) -> str:
    """A header value on one line, its 8-bit bytes decoded, its encoded-words left as they are."""
    plain = value.isascii() and b"\x1b" not in value
    text = value.decode("ascii") if plain else decode(value, "utf-8" if not value.isascii() else "ascii")
    if "\n" in text or "\r" in text:
        text = " ".join(line.strip(" \t") for line in text.replace("\r", "\n").split("\n") if line)
    return text.strip()


def decode_words(text: str) -> str:
    """`text` with its encoded-words decoded.

    Neighbouring words of one charset are joined before decoding, because senders cut multi-byte characters.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[bytes] = []
    charset, end = "", 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()]
        name, data = _word_bytes(match)
        if pending and (gap.strip() or name.lower() != charset.lower()):
            out.append(decode(b"".join(pending), charset))
            pending = []
        if gap.strip() or end == 0:
            # a prefix that a gateway put in front, such as "[SPAM]", is a word of its own
            out.append(gap + " " if gap.endswith(("]", ":")) else gap)
        charset, end = name, match.end()
        pending.append(data)
    if pending:
        out.append(decode(b"".join(pending), charset))
    out.append(text[end:])
    return "".join(out)


def clean_line(text: str) -> str:
    """`text` without control characters, on one line."""
    return text.strip() if text.isprintable() else _CONTROL.sub(" ", text).strip()


def percent_decoded(text: str, charset: str | None) -> str:
    return decode(unquote_to_bytes(text), charset)


def _word_bytes(match: re.Match[str]) -> tuple[str, bytes]:
    charset = match[1].partition("*")[0]
    if match[2]:
        return charset, lenient_base64(match[3].encode("utf-8", "replace"))
    raw = match[5].encode("utf-8", "replace")
    return charset, _Q_ESCAPE.sub(_hex_byte, raw.replace(b"_", b" "))


def _hex_byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
