"""Reads one field of a JSON object as one type: what is missing or of another type counts as empty, never as an error.

Meta leaves fields out freely, sends ids now as numbers and now as text, and times in three ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Fields = Mapping[str, Any]

_MOST_DIGITS = 100
"""Python reads no number of thousands of digits, and nobody means one."""
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973


def fields(value: object) -> Fields:
    """Return a JSON object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> tuple[Fields, ...]:
    """Return the objects of a JSON list, or of the `data` of an edge."""
    if isinstance(value, Mapping):
        value = value.get("data")
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def text(value: object) -> str:
    """Return text that can be stored anywhere: no NUL, no half characters. A number becomes text, since ids come as both."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
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
    """Return a time: seconds, milliseconds, or ISO 8601 as the Graph API writes it ("2026-01-02T03:04:05+0000").

    0 and what cannot be a time give None.
    """
    stamp = number(value)
    try:
        if stamp is not None:
            return (
                datetime.fromtimestamp(stamp / 1000 if stamp >= _MILLISECONDS_FROM else stamp, UTC) if stamp else None
            )
        at = datetime.fromisoformat(text(value))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
