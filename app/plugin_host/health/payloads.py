"""Announcements as JSON and back, so that those a plugin missed can be kept.

What hooks announce are frozen dataclasses of plain values and moments, and their types stand in the hooks' signatures: that is all this
module needs to know, and a test walks every hook. A field that was added since gets its default, one that is gone is left out.
"""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.plugin_host.hooks.shapes import HookSpec

__all__ = ["VERSION", "from_json", "to_json"]

VERSION = 1
"""Grows when kept announcements can no longer be read as before; older ones are then told apart by it."""

_PLAIN = (str, int, float, bool, types.NoneType)


def to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an announcement. Raises TypeError for what is neither plain, nor a moment, a dataclass, a mapping or a sequence."""
    return {name: _write(value) for name, value in values.items()}


def from_json(spec: HookSpec, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a hook as they were. Raises TypeError, ValueError or KeyError when they no longer fit the hook."""
    hints = get_type_hints(spec.function)
    return {name: _read(hints[name], kept[name]) for name in spec.arguments}


def _write(value: Any) -> Any:
    if isinstance(value, str):
        return (
            value.replace("\0", "").encode("utf-8", "replace").decode()
        )  # PostgreSQL's JSON takes neither NUL nor half characters
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _write(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_write(str(key)): _write(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_write(one) for one in value]
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _read(wanted: Any, value: Any) -> Any:
    if get_origin(wanted) in (Union, types.UnionType):
        choices = [one for one in get_args(wanted) if one is not types.NoneType]
        return None if value is None else _read(choices[0], value)
    if wanted is Any:
        return value
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        hints = get_type_hints(wanted)
        known = [one.name for one in dataclasses.fields(wanted) if one.name in value]
        return wanted(**{name: _read(hints[name], value[name]) for name in known})
    origin, arguments = get_origin(wanted) or wanted, get_args(wanted)
    if origin in (Mapping, dict):
        return {key: _read(arguments[1], one) for key, one in value.items()}
    if origin in (tuple, list, Sequence):
        return tuple(_read(arguments[0], one) for one in value)
    return wanted(value) if isinstance(wanted, type) and not isinstance(value, wanted) else value
