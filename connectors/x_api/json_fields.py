"""Reads one field of X's JSON as one type: what is missing or of another type counts as empty, never as an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Fields = Mapping[str, Any]

_MOST_DIGITS = 100
"""Python reads no number of thousands of digits, and nobody means one."""
_LEGACY_TIME = "%a %b %d %H:%M:%S %z %Y"


def fields(value: object) -> Fields:
    """Return a JSON object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> tuple[Fields, ...]:
    """Return the objects of a JSON list."""
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return text; a number becomes text, since older answers give ids as numbers."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a JSON list."""
    return tuple(found for one in value if (found := text(one))) if isinstance(value, list) else ()


def number(value: object) -> int | None:
    """Return a whole number, also one that is written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    return None


def time(value: object) -> datetime | None:
    """Return a time: ISO 8601, or as the older objects of webhooks write it ("Mon May 19 14:01:46 +0000 2025")."""
    written = text(value)
    for read in (datetime.fromisoformat, lambda one: datetime.strptime(one, _LEGACY_TIME)):
        try:
            at = read(written)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            continue
    return None


def milliseconds(value: object) -> datetime | None:
    """Return the time of a stamp in milliseconds."""
    stamp = number(value)
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC) if stamp else None
    except (ValueError, OverflowError, OSError):
        return None


def number_text(value: object) -> str:
    """Return an id that is all digits, else an empty text: ids become parts of addresses."""
    found = text(value)
    return found if found.isascii() and found.isdigit() else ""
