"""The four shapes of hooks, read from the specifications themselves: their names, arguments and what they may answer."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType, NoneType
from typing import Any, get_args, get_origin, get_type_hints

from app.plugin_api import hookspecs
from app.plugin_api.hookspecs import PROJECT

__all__ = ["HookSpec", "Shape", "read_specs"]


class Shape(StrEnum):
    """How the host calls a hook and what it does with the answers."""

    ANNOUNCE = "announce"
    FILTER = "filter"
    COLLECT = "collect"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class HookSpec:
    """One hook. `arguments` are those the caller gives (all but `host`), in order; `types` what one answer may be an instance of.

    The first of `arguments` is the value of a filter.
    """

    name: str
    shape: Shape
    arguments: tuple[str, ...]
    types: tuple[type, ...]
    function: Callable[..., Any]

    @property
    def given(self) -> frozenset[str]:
        return frozenset(self.arguments)


def read_specs(module: ModuleType = hookspecs) -> dict[str, HookSpec]:
    """Every hook of a module of specifications by name, in the order they are written."""
    return {
        name: _read_spec(name, function)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and hasattr(function, f"{PROJECT}_spec")
    }


def _read_spec(name: str, function: Callable[..., Any]) -> HookSpec:
    arguments = tuple(argument for argument in inspect.signature(function).parameters if argument != "host")
    shape, types = _shape(name, get_type_hints(function)["return"])
    return HookSpec(name=name, shape=shape, arguments=arguments, types=types, function=function)


def _shape(name: str, answer: Any) -> tuple[Shape, tuple[type, ...]]:
    """Told by what a hook answers; the name says the same to people (a test holds the two together)."""
    if answer is NoneType:
        return Shape.ANNOUNCE, ()
    if get_origin(answer) is Sequence:
        return Shape.COLLECT, tuple(get_origin(one) or one for one in get_args(answer))
    types = tuple(one for one in get_args(answer) or (answer,) if one is not NoneType)
    return (Shape.FILTER if name.startswith("filter_") else Shape.ASK), types
