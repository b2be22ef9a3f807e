"""The last call of a hook as the hook explorer shows it: what it carried and of which kind, but nobody's data.

Numbers that name rows, moments and words of our own (a kind, a status) stay; every other text becomes its shape and length ("Aaa 9, 5
characters"), bytes their length. What masks does not know the value's type becomes the name of that type.
"""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from enum import Enum
from typing import Any

__all__ = ["masked"]

LONGEST = 4096
DEEPEST = 5
MOST_ITEMS = 5
SHAPE_LENGTH = 24

_OUR_WORDS = frozenset(
    {
        "channel",
        "content_type",
        "direction",
        "disposition",
        "hook",
        "kind",
        "language",
        "level",
        "mode",
        "plugin",
        "priority",
        "role",
        "shape",
        "state",
        "status",
    }
)
_WORD = re.compile(r"[a-z][a-z0-9_./+-]{0,60}\Z")
_ID = re.compile(r"(?:.*_)?ids?\Z|number\Z|position\Z|size\Z|count\Z")
_BIG = 100_000
"""A number this big that is no id may be a telephone number."""


def masked(values: Mapping[str, Any]) -> str:
    """The arguments of a call as indented JSON of at most 4096 characters."""
    text = json.dumps({name: _mask(name, value, 0) for name, value in values.items()}, indent=1, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 2] + "\n…"


def _mask(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _mask(name, value.value, depth) if not isinstance(value, str) else str(value)
    if isinstance(value, int | float):
        return value if _ID.match(name) or abs(value) < _BIG else _shape(str(value))
    if isinstance(value, str):
        return value if name in _OUR_WORDS and _WORD.match(value) else _shape(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, date | timedelta):
        return str(value)
    return _mask_parts(name, value, depth + 1)


def _mask_parts(name: str, value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        return type(value).__name__
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _mask(one.name, getattr(value, one.name), depth) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return _mask_mapping(value)
    if isinstance(value, Sequence | Set):
        items = [_mask(name, one, depth) for one in list(value)[:MOST_ITEMS]]
        return items if len(value) <= MOST_ITEMS else [*items, f"and {len(value) - MOST_ITEMS} more"]
    return type(value).__name__


def _mask_mapping(value: Mapping[Any, Any]) -> Any:
    """Its keys may be words of people and its values secrets, whatever their type."""
    pairs = {
        str(key) if _WORD.match(str(key)) else _shape(str(key)): type(one).__name__
        for key, one in list(value.items())[: 2 * MOST_ITEMS]
    }
    return pairs if len(value) == len(pairs) else {**pairs, "…": f"{len(value)} in all"}


def _shape(text: str) -> str:
    """What "Ada@example.com" becomes is "Aaa@aaaaaaa.aaa, 15 characters"."""
    if not text:
        return ""
    head = "".join(map(_stand_in, text[:SHAPE_LENGTH]))
    more = "…" if len(text) > SHAPE_LENGTH else ""
    return f"{head}{more}, {len(text)} {'character' if len(text) == 1 else 'characters'}"


def _stand_in(letter: str) -> str:
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    if letter.isdigit():
        return "9"
    return letter if letter.isascii() and letter.isprintable() else " "
