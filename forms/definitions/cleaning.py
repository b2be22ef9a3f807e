"""What typed text becomes before anybody looks at it, and whether an address or a number is one. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import phonenumbers
import regex
from babel import Locale
from babel.core import UnknownLocaleError, get_global

__all__ = [
    "MAX_EMAIL",
    "clean_text",
    "is_email",
    "read_date",
    "read_day",
    "read_number",
    "read_phone",
    "region_of",
]

MAX_EMAIL = 254
MAX_LOCAL_BYTES = 64
LIKELY_SUBTAGS: Mapping[str, str] = get_global("likely_subtags")

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f\"(),.:;<>@\[\\\]]+(?:\.[^\s\x00-\x20\x7f\"(),.:;<>@\[\\\]]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")
_PILE = regex.compile(r"([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]++")
"""More marks on one letter than any language has; sorting them takes a time that grows with the square of their number (UAX #15, 13)."""
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{1,10})?|\.\d{1,10})")
_DECIMAL_COMMA = re.compile(r"([+-]?\d*),(\d{1,2}|\d{4,10})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TODAY = re.compile(r"today([+-]\d{1,5})?", re.ASCII)


def clean_text(value: str | None) -> str:
    """Text as it can be stored: NFC, line ends as \\n, no control or direction-override characters, no lone surrogates, at most 30 marks
    on one letter."""
    text = (value or "").encode("utf-8", "replace").decode("utf-8")
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", _PILE.sub(r"\1", text)).strip()


def is_email(text: str) -> bool:
    """Whether it can be written to (RFC 5321 dot-atoms, RFC 6531 letters of any language), names of private networks too.

    Does not ask the DNS: an address that is written well and belongs to nobody shows when the answer bounces.
    """
    local, _, domain = text.rpartition("@")
    is_short = len(text) <= MAX_EMAIL and len(local.encode()) <= MAX_LOCAL_BYTES
    return is_short and bool(_LOCAL.fullmatch(local)) and _is_domain(domain)


def read_number(text: str) -> Decimal | None:
    """The number that a text is, or None. One comma counts as the decimal point unless it may stand for thousands, as in "1,000"."""
    text = _DECIMAL_COMMA.sub(r"\1.\2", text) if _DECIMAL_COMMA.fullmatch(text) else text
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_date(text: str) -> date | None:
    """The day that an ISO date names, or None."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def read_day(text: str, today: date) -> date | None:
    """The day of an ISO date, of "today", or of days from it such as "today+14" and "today-30"; None when it is none of these."""
    match = _TODAY.fullmatch(text)
    try:
        return today + timedelta(days=int(match[1] or 0)) if match else read_date(text)
    except OverflowError:
        return None


def read_phone(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The phone number that a text is, or None. Its length must be one of its country's; whether anybody has it is not asked.

    In some countries two figures are a number; those who want to be called give more.
    """
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    is_long = number.national_number > 999  # type: ignore[operator]
    return number if is_long and phonenumbers.is_possible_number(number) else None


def region_of(language: str) -> str:
    """The country whose phone numbers readers of a language mean when they write none: "de-AT" → "AT", "el" → "GR"; else empty."""
    try:
        territory = Locale.parse(language, sep="-").territory
    except (ValueError, UnknownLocaleError):
        return ""
    likely = LIKELY_SUBTAGS.get(language.replace("-", "_")) or LIKELY_SUBTAGS.get(language.partition("-")[0], "")
    return territory or likely.rpartition("_")[2]


def _is_domain(domain: str) -> bool:
    """Two labels at least, each a host name's; letters of other languages as IDNA writes them."""
    try:
        plain = domain.encode("idna").decode("ascii")
        spoken = plain.encode("ascii").decode("idna")
    except UnicodeError:
        return False
    labels = plain.split(".")
    is_plain = domain.casefold() in (
        plain.casefold(),
        spoken.casefold(),
    )  # with nothing in it that would be left out or read otherwise
    return is_plain and len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
