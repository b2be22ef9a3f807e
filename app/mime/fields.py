"""Structured header fields that are not addresses: dates, message ids, and values with parameters."""

from __future__ import annotations

import re
from datetime import MINYEAR, UTC, datetime, timedelta
from email.utils import parsedate_tz

from .words import clean_line, decode_words, percent_decoded

_ID = re.compile(r"<([^<>]*)>")
_COMMENT = re.compile(r"\([^()]*\)")
_TIME = r"(?P<hour>\d\d?)[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d?))?(?:[.,]\d+)?\s*(?:[ap]m\b)?"
_ZONE = r"\s*(?P<zone>(?:GMT|UTC)?[+-]\d\d?:?(?:\d\d)?(?!\d)|[A-Za-z]{1,5}\b|[A-Za-z]{3}(?=\d))?"
_MAIL_DATE = re.compile(
    r"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|\.)?[\s,/-]*(?P<month>[^\W\d_]{3,12}|(?<=[\s/-])\d\d?)\.?[\s,/-]+"
    r"(?P<year>\d{2,4})[\s,]+(?:at\s+)?" + _TIME + _ZONE,
    re.I,
)
_ISO_DATE = re.compile(r"(?P<year>\d{4})[-/](?P<month>\d\d?)[-/](?P<day>\d\d?)[T\s]+" + _TIME + _ZONE, re.I)
_ASCTIME = re.compile(
    r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d\d?),?\s+(?:(?P<year>\d{4})\s+)?"
    + _TIME
    + _ZONE
    + r"(?(year)|\s+(?P<year_after>\d{4}))",
    re.I,
)
_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTHS = {
    name: number
    for number, name in enumerate(_MONTH_NAMES, 1)
} | {"mrz": 3, "mär": 3, "mai": 5, "okt": 10, "dez": 12, "avr": 4, "fév": 2, "aoû": 8, "déc": 12, "ene": 1,
     "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10}  # fmt: skip
_ZONES = {
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1, "MESZ": 2, "WET": 0, "WEST": 1,
    "BST": 1, "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3,
}  # fmt: skip
_HEAD = re.compile(r"[\s\"']*([^\s;=\"']*)[\s\"']*(?=[;\s]|$)")
# name = "quoted" | bare up to ; or to the next name=
_PARAMETER = re.compile(
    r"[;\s]*([^\s=;\"]{1,200})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|\"?([^;\"]*?)(?=\"|;|\s+[A-Za-z*\d-]{1,40}=|$))",
    re.S,
)
_BACKSLASH = re.compile(r"\\([\"\\'])")
_EXTENDED_NAME = re.compile(r"([^*]+)\*(?:(\d{1,4})(\*)?)?")  # name* | name*0 | name*0*
_LONG_VALUE = 4_000
_FILLING = re.compile(r"[;\s]{2,}")
_MOST_PARAMETERS = 200
_FAR = timedelta(hours=24)


def parse_date(value: str) -> datetime | None:
    """The moment a Date header names, in aware UTC; without a zone it is UTC. None when it names none, or one where time begins, which no
    zone west of it can show."""
    text = _without_comments(value[:500])
    matches = filter(None, (pattern.search(text) for pattern in (_MAIL_DATE, _ISO_DATE, _ASCTIME)))
    moments = (_moment(match.groupdict()) for match in matches)
    found = next(filter(None, moments), None) or _by_the_library(text)
    return found if found is not None and found.year > MINYEAR else None


def _moment(found: dict[str, str | None]) -> datetime | None:
    month = _MONTHS.get((found["month"] or "")[:3].lower()) or int_or_none(found["month"])
    try:
        local = datetime(
            _full_year(found["year"] or ""),
            month or 0,
            int(found["day"] or 0),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            min(int(found["second"] or 0), 59),
            tzinfo=UTC,
        )
        return local - _offset(found["zone"] or "")
    except (ValueError, OverflowError):
        return None


def int_or_none(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _full_year(text: str) -> int:
    """Two and three digits as RFC 5322 §4.3 reads them."""
    year = int(text)
    if len(text) >= 4:
        return year
    return year + (2000 if len(text) == 2 and year < 50 else 1900)


def _offset(zone: str) -> timedelta:
    """What is to be taken off local time. Unknown zones count as UTC, and so do impossible numbers."""
    digits = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d\d?):?(\d\d)?", zone, re.I)
    if digits:
        minutes = int(digits[2]) * 60 + int(digits[3] or 0)
        offset = timedelta(minutes=minutes if digits[1] == "+" else -minutes)
        return offset if abs(offset) <= _FAR else timedelta()
    return timedelta(hours=_ZONES.get(zone.upper()) or _ZONES.get(zone[:3].upper()) or 0)


def _by_the_library(text: str) -> datetime | None:
    try:
        parts = parsedate_tz(text)
        if parts is None:
            return None
        moment = datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC)
        offset = timedelta(seconds=parts[9] or 0)
        return moment - offset if abs(offset) <= _FAR else moment
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _without_comments(text: str) -> str:
    while "(" in text:
        text, count = _COMMENT.subn(" ", text)
        if not count:
            return text.replace("(", " ").replace(")", " ")
    return text


def parse_ids(value: str) -> tuple[str, ...]:
    """Message ids of In-Reply-To or References, without brackets, in order, each once."""
    ids = [re.sub(r"\s+", "", match) for match in _ID.findall(value)]
    if not ids:
        ids = [word.strip(",;<>\"'()") for word in value.split() if "@" in word]
    return tuple(dict.fromkeys(clean_line(one) for one in ids if one))


def parse_message_id(value: str) -> str | None:
    """The id of a Message-ID header; one without brackets or @ is taken as it stands."""
    ids = parse_ids(value)
    return ids[0] if ids else clean_line(value.strip("<> \t")) or None


def parse_parameters(value: str) -> tuple[str, dict[str, str]]:
    """The value in lower case and its parameters, RFC 2231 continuations and charsets resolved.

    Missing semicolons are understood: ``multipart/mixed boundary=x`` has a boundary.
    """
    if len(value) > _LONG_VALUE:
        value = _FILLING.sub(lambda match: ";" if ";" in match[0] else " ", value[: 4 * _LONG_VALUE])
    match = _HEAD.match(value)
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text in _parameters(value, match.end() if match else 0):
        extended = _EXTENDED_NAME.fullmatch(name)
        if extended:
            encoded = extended[2] is None or extended[3] is not None
            pieces.setdefault(extended[1], []).append((int(extended[2] or 0), encoded, text))
        else:
            plain.setdefault(name, decode_words(text))
    plain.update((name, _joined(sorted(found))) for name, found in pieces.items())
    return (match[1].lower() if match else ""), plain


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """The pieces ``name*0*=charset'language'…``, ``name*1=…`` as one text (RFC 2231 §4.1)."""
    if not any(encoded for _, encoded, _ in pieces):
        return decode_words("".join(text for _, _, text in pieces))
    charset, first = _charset_of(pieces[0][2]) if pieces[0][1] else (None, pieces[0][2])
    texts = [(pieces[0][1], first)]
    for _, encoded, text in pieces[1:]:
        repeated = encoded and charset and text.lower().startswith(charset.lower() + "'")
        texts.append((encoded, text.rpartition("'")[2] if repeated and "''" in text else text))
        if repeated and "''" not in text:
            texts[-1] = (encoded, text[len(charset or "") + 1 :])
    return percent_decoded("".join(t if encoded else t.replace("%", "%25") for encoded, t in texts), charset)


def _charset_of(value: str) -> tuple[str | None, str]:
    """``charset'language'text`` taken apart; the quotes may be missing."""
    charset, quote, rest = value.partition("'")
    if not quote:
        return None, value
    _language, quote, text = rest.partition("'")
    return charset, text if quote else rest


def _parameters(value: str, at: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    while len(found) < _MOST_PARAMETERS:
        match = _PARAMETER.search(value, at)
        if match is None:
            break
        if match[2] is not None:
            found.append((match[1].lower(), _BACKSLASH.sub(r"\1", match[2])))
        else:
            found.append((match[1].lower(), (match[3] or "").strip().strip('"')))
        at = match.end()
    return found
