"""Reading IMAP response data (RFC 3501 §7, RFC 5530 codes) as imaplib collects it.

Pure: no connection in here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from connectors.imap_smtp.types import Mailbox, MailHeader, MailSummary

# imaplib gives plain responses as bytes and each literal as (text before the literal, literal).
Response = bytes | tuple[bytes, bytes] | None

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_INTERNAL_DATE = re.compile(rb'\bINTERNALDATE "([^"]*)"')
_BODY_LITERAL = re.compile(rb"\bBODY\[(?:HEADER\.FIELDS \([^)]*\))?\]\s*$")
_BODY_INLINE = re.compile(rb'\bBODY\[(?:HEADER\.FIELDS \([^)]*\))?\] (NIL|"((?:[^"\\]|\\.)*)")')
_LITERAL_SIZE = re.compile(rb"~?\{\d+\+?\}$")
_DATE = re.compile(r"\s*(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?P<delimiter>NIL|"(?:[^"\\]|\\.)*") (?P<name>.*)', re.DOTALL)
_CODE = re.compile(r"\[([A-Z0-9.-]+)[^\]]*\]", re.IGNORECASE)


@dataclass(frozen=True)
class FetchItem:
    """One `* n FETCH (…)` response: its text without literals, and the message if it carried one."""

    text: bytes
    body: bytes | None

    @property
    def uid(self) -> int | None:
        """The UID, absent from responses the server sends of its own accord (flag changes)."""
        match = _UID.search(self.text)
        return int(match[1]) if match else None


def fetch_items(data: Iterable[Response]) -> Iterator[FetchItem]:
    """Join what belongs to one message: literals as tuples, and the line that closes them."""
    text, body = b"", None
    for piece in data:
        if piece is None:
            continue
        if isinstance(piece, tuple):
            before = _LITERAL_SIZE.sub(b"", piece[0]).rstrip()
            text += before
            if _BODY_LITERAL.search(before):
                body = piece[1]
            continue
        text += b" " + piece
        if body is None:
            body = _inline_body(text)
        yield FetchItem(text, body)
        text, body = b"", None


def summaries(data: Iterable[Response]) -> dict[int, MailSummary]:
    """Return the messages described by a FETCH of UID, RFC822.SIZE, FLAGS and INTERNALDATE, by UID."""
    found = {}
    for item in fetch_items(data):
        size = _SIZE.search(item.text)
        if item.uid is not None and size:
            found[item.uid] = MailSummary(item.uid, int(size[1]), _flags(item.text), _date_in(item.text))
    return found


def headers(data: Iterable[Response]) -> dict[int, MailHeader]:
    """Return the messages described by a FETCH of UID, RFC822.SIZE, INTERNALDATE and some header fields, by UID."""
    found = {}
    for item in fetch_items(data):
        size = _SIZE.search(item.text)
        if item.uid is not None and size:
            found[item.uid] = MailHeader(item.uid, int(size[1]), _date_in(item.text), item.body or b"")
    return found


def mailbox_from_list(piece: Response) -> Mailbox | None:
    """Return the folder that one LIST response describes, None if it cannot be understood."""
    literal = piece[1] if isinstance(piece, tuple) else None
    line = piece[0] if isinstance(piece, tuple) else piece
    match = _LIST.search(line or b"")
    if not match:
        return None
    name = literal if literal is not None else _unquoted(match["name"].strip())
    delimiter = None if match["delimiter"] == b"NIL" else _unquoted(match["delimiter"]).decode("ascii", "replace")
    flags = frozenset(match["flags"].decode("ascii", "replace").split())
    return Mailbox(decode_name(name), delimiter, flags)


def response_code(text: str) -> str | None:
    """Return the code in square brackets of a status text (`AUTHENTICATIONFAILED` …), in capitals."""
    match = _CODE.search(text)
    return match[1].upper() if match else None


def uid_set(uids: Iterable[int]) -> str:
    """Return a UID set as short as possible: [1, 2, 3, 7] → "1:3,7"."""
    spans: list[list[int]] = []
    for uid in sorted(set(uids)):
        if spans and uid == spans[-1][1] + 1:
            spans[-1][1] = uid
        else:
            spans.append([uid, uid])
    return ",".join(str(lo) if lo == hi else f"{lo}:{hi}" for lo, hi in spans)


def encode_name(name: str) -> bytes:
    """Return a folder name as it goes on the wire: modified UTF-7 (RFC 3501 §5.1.3), quoted."""
    encoded = re.sub(r"[^\x20-\x7e]+|&", lambda m: _shifted(m[0]), name).encode("ascii")
    return b'"' + encoded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def decode_name(wire: bytes) -> str:
    """Return a folder name from its unquoted wire form; invalid modified UTF-7 stays as it stands."""
    return re.sub(r"&([A-Za-z0-9+,]*)-", _unshifted, wire.decode("utf-8", "replace"))


def parse_internal_date(text: str) -> datetime | None:
    """Return an INTERNALDATE in UTC, None if it is malformed."""
    match = _DATE.match(text)
    if not match or match[2].lower() not in _MONTHS:
        return None
    day, month, year = int(match[1]), _MONTHS.index(match[2].lower()) + 1, int(match[3])
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    try:
        clock = (int(match[4]), int(match[5]), int(match[6]))
        return datetime(year, month, day, *clock, tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def search_date(day: datetime) -> str:
    """Return the day as SEARCH wants it: 5-Jan-2024."""
    return f"{day.day}-{_MONTHS[day.month - 1].capitalize()}-{day.year}"


def _inline_body(text: bytes) -> bytes | None:
    match = _BODY_INLINE.search(text)
    if not match or match[1] == b"NIL":
        return None
    return re.sub(rb"\\(.)", rb"\1", match[2])


def _flags(text: bytes) -> frozenset[str]:
    match = _FLAGS.search(text)
    return frozenset(match[1].decode("ascii", "replace").split()) if match else frozenset()


def _date_in(text: bytes) -> datetime | None:
    match = _INTERNAL_DATE.search(text)
    return parse_internal_date(match[1].decode("ascii", "replace")) if match else None


def _unquoted(value: bytes) -> bytes:
    if len(value) >= 2 and value[:1] == value[-1:] == b'"':
        return re.sub(rb"\\(.)", rb"\1", value[1:-1])
    return value


def _shifted(run: str) -> str:
    if run == "&":
        return "&-"
    encoded = base64.b64encode(run.encode("utf-16-be")).decode("ascii")
    return "&" + encoded.rstrip("=").replace("/", ",") + "-"


def _unshifted(match: re.Match[str]) -> str:
    if not match[1]:
        return "&"
    encoded = match[1].replace(",", "/")
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-16-be")
    except (ValueError, UnicodeDecodeError):
        return match[0]
