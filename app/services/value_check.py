"""Checks of single values that plugins give: of the right type they are made fit for every database, of another they are refused.

Texts lose what cannot be stored (NUL, half surrogate pairs), ids and addresses that are too long are shortened so that different ones
stay different.
"""

import hashlib
import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from app.plugin_api.messages import Participant

__all__ = [
    "LONGEST_ADDRESS",
    "Nonsense",
    "as_flag",
    "as_id",
    "as_id_or_none",
    "as_moment",
    "as_person",
    "as_text",
    "as_text_or_none",
    "as_thread_key",
    "each_as",
    "must_be",
    "short_key",
]

LONGEST_ID, LONGEST_ADDRESS = 500, 320
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Nonsense(TypeError):
    """A plugin gave something that is no message; the sentence says what."""


def short_key(text: str, limit: int) -> str:
    """A text that is used to recognise something again, at most `limit` characters long; long ones end in a digest of the whole."""
    return (
        text
        if len(text) <= limit
        else text[: limit - 65] + "~" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    )


def must_be(value: object, kind: type, name: str) -> None:
    if not isinstance(value, kind):
        raise Nonsense(f"The plugin gave {type(value).__name__} as {name} where {kind.__name__} was expected.")


def as_text(value: Any, name: str) -> str:
    must_be(value, str, name)
    if value.isascii() and "\0" not in value:
        return value
    return _UNSTORABLE.sub(lambda found: "" if found.group() == "\0" else "\N{REPLACEMENT CHARACTER}", value)


def as_text_or_none(value: Any, name: str) -> str | None:
    return None if value is None else as_text(value, name)


def as_id(value: Any, name: str) -> str:
    return short_key(as_text(value, name), LONGEST_ID)


def as_id_or_none(value: Any, name: str) -> str | None:
    return None if value is None else as_id(value, name)


def as_thread_key(value: Any, name: str) -> str | None:
    return None if value is None else short_key(as_text(value, name), LONGEST_ADDRESS)


def as_person(value: Any, name: str) -> Participant:
    must_be(value, Participant, name)
    kind, address, shown = as_text(value.kind, name), as_text(value.value, name), as_text(value.name, name)
    address = short_key(address, LONGEST_ADDRESS)
    if kind is value.kind and address is value.value and shown is value.name:
        return value
    return Participant(kind, address, shown)


def each_as(value: Any, name: str, check: Any) -> tuple[Any, ...]:
    """The same tuple when nothing in it had to be mended."""
    if not isinstance(value, tuple | list):
        raise Nonsense(f"The plugin gave {type(value).__name__} as {name} where a tuple was expected.")
    items = tuple(check(one, name) for one in value)
    is_same = isinstance(value, tuple) and all(new is old for new, old in zip(items, value, strict=True))
    return tuple(value) if is_same else items


def as_moment(value: Any, name: str) -> datetime:
    must_be(value, datetime, name)
    if value.tzinfo is None:
        raise Nonsense(f"The plugin gave a moment without a time zone as {name}.")
    try:
        is_shown_anywhere = MINYEAR < value.astimezone(UTC).year < MAXYEAR
    except OverflowError:
        is_shown_anywhere = False
    if not is_shown_anywhere:
        raise Nonsense(f"The plugin gave a moment outside of the calendar as {name}.")
    return value


def as_flag(value: Any, name: str) -> bool:
    return value if value is True or value is False else bool(value)
