"""Structured header fields that are not addresses: dates, message ids, and values with parameters."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from .words import clean_line, decode_extended, decode_words, percent_decoded

_ID = re.compile(r"<([^<>]*)>")
_COMMENT = re.compile(r"\([^()]*\)")
_ISO_DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.I
)
_PARAMETER = re.compile(r"\s*([^\s=;]+)\s*(=\s*)?")
_ENCODED_NAME = re.compile(r"([^*]+)(?:\*(\d+))?(\*)?$")
_FAR = timedelta(hours=24)


def parse_date(value: str) -> datetime | None:
    """The moment a Date header names, in aware UTC; without a zone it is taken as UTC. None when it names none."""
    text = value[:200].strip()
    iso = _ISO_DATE.search(text)
    try:
        moment = _iso(iso) if iso else _rfc5322(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment


def _iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    local = datetime(year, month, day, hour, minute, min(int(match[6] or 0), 59), tzinfo=UTC)
    zone = match[7] or "Z"
    if zone in "zZ":
        return local
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return local - offset if zone[0] == "+" else local + offset


def _rfc5322(text: str) -> datetime | None:
    while "(" in text and _COMMENT.search(text):
        text = _COMMENT.sub(" ", text)
    parts = parsedate_tz(text)
    if parts is None:
        return None
    year, month, day, hour, minute, second = parts[:6]
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    offset = timedelta(seconds=parts[9] or 0)
    return moment - offset if abs(offset) <= _FAR else moment


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
    """The value in lower case and its parameters, RFC 2231 continuations and charsets resolved."""
    head, _, rest = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text in _parameters(rest):
        match = _ENCODED_NAME.match(name)
        if match and (match[2] or match[3]):
            pieces.setdefault(match[1], []).append((int(match[2] or 0), bool(match[3]), text))
        else:
            plain.setdefault(name, decode_words(text))
    plain.update((name, _joined(sorted(found))) for name, found in pieces.items())
    return head.strip().strip("\"'").lower(), plain


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    if not any(encoded for _, encoded, _ in pieces):
        return decode_words("".join(text for _, _, text in pieces))
    if len(pieces) == 1:
        return decode_extended(pieces[0][2])
    first = pieces[0]
    charset, rest = _charset_of(first[2]) if first[1] else (None, first[2])
    texts = [(first[1], rest), *((encoded, text) for _, encoded, text in pieces[1:])]
    return percent_decoded("".join(t if encoded else t.replace("%", "%25") for encoded, t in texts), charset)


def _charset_of(value: str) -> tuple[str | None, str]:
    charset, quote, rest = value.partition("'")
    if not quote:
        return None, value
    return charset, rest.partition("'")[2] if "'" in rest else rest


def _parameters(rest: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(rest) and len(found) < 500:
        match = _PARAMETER.match(rest, at)
        if match is None:
            at += 1
            continue
        at = match.end()
        text, at = _parameter_value(rest, at) if match[2] else ("", at)
        if match[2]:
            found.append((match[1].strip("\"'").lower(), text))
        while at < len(rest) and rest[at] in "; \t":
            at += 1
    return found


def _parameter_value(rest: str, at: int) -> tuple[str, int]:
    if not rest.startswith('"', at):
        end = rest.find(";", at)
        end = len(rest) if end < 0 else end
        return rest[at:end].strip(), end
    out: list[str] = []
    at += 1
    while at < len(rest) and rest[at] != '"':
        if rest[at] == "\\" and at + 1 < len(rest) and rest[at + 1] in '"\\':
            at += 1
        stop = min((p for p in (rest.find('"', at + 1), rest.find("\\", at + 1)) if p > 0), default=len(rest))
        out.append(rest[at:stop])
        at = stop
    return "".join(out), at + 1
