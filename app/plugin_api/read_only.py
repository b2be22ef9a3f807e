"""A dictionary that several plugins are shown one after the other, so that none can change what the next one sees."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Generic, NoReturn, TypeVar

__all__ = ["ReadOnlyDict"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnlyDict(dict[Key, Value], Generic[Key, Value]):
    """Reads, prints and turns into JSON as a dict does; changing it raises TypeError. Copies are ordinary dicts."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this was only shown to you: make a copy of it to change something")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def copy(self) -> dict[Key, Value]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Key, Value]:
        return deepcopy(dict(self), memo)

    def __reduce__(self) -> tuple[type, tuple[Mapping[Key, Value]]]:
        return dict, (dict(self),)
