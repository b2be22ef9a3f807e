"""Where two plugins get in each other's way while they run: they change the same part of a value, or claim the same place on a page."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.plugin_api.registrations import Panel
from app.plugin_host.health.report import Collision

__all__ = ["changed_twice", "same_places"]

Change = tuple[str, Any, Any]
"""A plugin, the value it got, and the other value it gave."""


def changed_twice(hook: str, changes: Sequence[Change]) -> Iterator[Collision]:
    """The fields that one plugin of a chain changed and a later one changed again. What was changed back is told too."""
    last: dict[str, str] = {}
    for plugin, before, after in changes:
        for name in _changed_fields(before, after):
            if name in last and last[name] != plugin:
                yield Collision(hook, name, last[name], plugin)
            last[name] = plugin


def same_places(hook: str, found: Iterable[tuple[str, Any]]) -> Iterator[Collision]:
    """Boxes of two plugins with the same order and title: which one stands first is chance, and nobody can tell them apart."""
    places: dict[tuple[int, str], str] = {}
    for plugin, item in found:
        if isinstance(item, Panel):
            first = places.setdefault((item.order, item.title), plugin)
            if first != plugin:
                yield Collision(hook, f"{item.order}: {item.title}"[:80], first, plugin)


def _changed_fields(before: Any, after: Any) -> list[str]:
    if type(before) is not type(after) or not dataclasses.is_dataclass(before):
        return ["the value"] if before != after else []
    names = [one.name for one in dataclasses.fields(before)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]
