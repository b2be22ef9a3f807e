"""Bytes to text: the charset a mail names, and a careful guess when the name is missing or wrong.

The order is: the declared charset, UTF-8, the shape of the bytes, and only for texts with many bytes above
127 a statistical guess, because that one misreads short Western texts.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from charset_normalizer import from_bytes

# Names seen in mails → Python codecs. Supersets are used on purpose: senders label windows-1252 as latin-1,
# GBK as GB2312, CP949 as KS C 5601 (the WHATWG encoding standard does the same).
_ALIASES = {
    "us-ascii": "ascii", "ascii": "ascii", "ansi_x3.4-1968": "ascii", "646": "ascii", "iso-ir-6": "ascii",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso-8859-1:1987": "cp1252", "iso-8859-1-windows-3.1-latin-1": "cp1252", "x-ansi": "cp1252", "ansi": "cp1252",
    "x-cp1252": "cp1252", "windows1252": "cp1252", "windows-latin1": "cp1252", "win-1252": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "csgb2312": "gb18030",
    "chinese": "gb18030", "gb2312_charset": "gb18030", "cn-gb": "gb18030", "hz-gb-2312": "hz",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "korean": "cp949",
    "x-windows-949": "cp949", "windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "cp932": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "iso-8859-6-i": "iso8859_6",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "unicode-1-1-utf-8": "utf-8", "utf8": "utf-8",
    "utf8mb4": "utf-8", "unicode": "utf-16", "ucs-2": "utf-16", "big5": "big5hkscs", "x-x-big5": "big5hkscs",
    "koi8": "koi8_r", "koi8-ru": "koi8_u", "macintosh": "mac_roman", "x-mac-roman": "mac_roman", "mac": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "x-user-defined": "cp1252", "unknown-8bit": "", "x-unknown": "", "default": "",
}  # fmt: skip
_GUESSES = [
    "cp1251", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1250", "cp1253", "cp1255", "cp1256",
    "cp1252", "cp874", "iso8859_2", "iso8859_5",
]  # fmt: skip
_SAMPLE_BYTES = 4096
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_ASCII = bytes(range(128))
_BLANKS = bytes(range(33))
_CODECS: dict[str, str | None] = {}
_MOST_GUESSES = 500
_GUESSED: ContextVar[Counter[str] | None] = ContextVar("charsets guessed in one mail", default=None)


@contextmanager
def guesses_of_one_mail() -> Iterator[None]:
    """Within it, what names no charset is of one mail: after many statistical guesses, which cost far more than anything else here, the
    charset that was found most often is taken."""
    token = _GUESSED.set(Counter())
    try:
        yield
    finally:
        _GUESSED.reset(token)


def codec_for(label: str | None) -> str | None:
    """Python's codec for the name of a charset in a mail, or None when nobody knows it."""
    key = (label or "").strip().strip("\"'<>").lower()
    if key not in _CODECS:
        if len(_CODECS) > 500:
            _CODECS.clear()
        _CODECS[key] = _find_codec(key)
    return _CODECS[key]


def decode(data: bytes, label: str | None) -> str:
    """The text of `data`, said to be in charset `label`. Never raises; what fits nothing becomes U+FFFD."""
    if data.isascii() and b"\x1b" not in data and codec_for(label) in _ASCII_LIKE:
        return data.decode("ascii")
    codec = codec_for(label)
    text = _declared(data, codec) if codec else None
    return _tidy(text if text is not None else guess(data))


def guess(data: bytes) -> str:
    """The text of bytes that name no charset, or a wrong one."""
    for bom, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(bom):
            return data.decode(codec, "replace")
    for codec in ("iso2022_jp_ext", "utf-8") if b"\x1b$" in data else ("utf-8",):
        text = _strict(data, codec)
        if text is not None:
            return text
    if _mostly_utf8(data):
        return data.decode("utf-8", "replace")
    return _western(data) if _looks_western(data) else _statistical(data)


def _find_codec(key: str) -> str | None:
    name = _ALIASES.get(key, key)
    if re.fullmatch(r"(?:windows|win|x|cp)?[-_]?125\d", key):
        name = "cp" + key[-4:]
    if not name:
        return None
    try:
        "a".encode(
            name
        )  # base64, hex, rot13 … are codecs of Python too, but refuse this; for no text at all they do not
        canonical = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if canonical in _NO_CHARSETS else canonical


_NO_CHARSETS = {
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "mbcs",
    "oem",
    "palmos",
}
_ASCII_LIKE = {None, "ascii", "utf-8", "cp1252", "iso8859-1", "iso8859-15", "iso8859-2", "cp1251", "koi8-r",
               "cp1250", "gb18030", "cp949"}  # fmt: skip


def _declared(data: bytes, codec: str) -> str | None:
    if codec in ("cp1252", "ascii"):
        text = _strict(data, "utf-8")
        if text is not None:
            return text
        return _western(data) if codec == "cp1252" else None
    text = _strict(data, codec)
    if text is None and codec == "utf-8":
        return data.decode("utf-8", "replace") if _mostly_utf8(data) else None
    if text is None:
        loose = data.decode(codec, "replace")
        text = loose if loose.count("\ufffd") * 20 <= len(loose) else None
    return text


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _mostly_utf8(data: bytes) -> bool:
    """True when well-formed multi-byte sequences outnumber the broken ones (a cut or damaged UTF-8 text)."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - broken > 2 * broken


def _looks_western(data: bytes) -> bool:
    """True when bytes above 127 are few and stand alone, as accents do between ASCII letters."""
    sample = data[:_SAMPLE_BYTES].translate(None, _BLANKS)
    high = len(sample.translate(None, _ASCII))
    return high * 4 < len(sample) and len(_HIGH_RUN.findall(sample)) * 8 <= high


def _western(data: bytes) -> str:
    return data.decode("cp1252", "replace")


def _statistical(data: bytes) -> str:
    guessed = _GUESSED.get()
    if guessed is None:
        return data.decode(_likely_codec(data), "replace")
    if guessed.total() >= _MOST_GUESSES:
        return data.decode(guessed.most_common(1)[0][0], "replace")
    codec = _likely_codec(data)
    guessed[codec] += 1
    return data.decode(codec, "replace")


def _likely_codec(data: bytes) -> str:
    best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_GUESSES, threshold=0.3, preemptive_behaviour=False).best()
    return "cp1252" if best is None else best.encoding


def _tidy(text: str) -> str:
    """Without byte order mark and lone surrogates, which cannot be written as UTF-8."""
    text = text.removeprefix("\ufeff")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text
