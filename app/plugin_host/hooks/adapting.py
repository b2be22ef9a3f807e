"""Letting plugins that were made for an earlier version of the API run unchanged; `app.plugin_api.deprecations` says what and how long."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.plugin_api.deprecations import DEPRECATIONS, Deprecation
from app.plugin_api.hookspecs import PROJECT
from app.plugin_host.hooks.shapes import HookSpec
from app.plugin_host.hooks.validation import implementations

__all__ = ["adapt"]


def adapt(
    plugin: Any, specs: Mapping[str, HookSpec], deprecations: Iterable[Deprecation] = DEPRECATIONS
) -> tuple[Any, tuple[str, ...]]:
    """The hooks that a plugin implements, as those of today are called, and a sentence for everything deprecated that it uses. What else
    stands in its module is left out: pluggy would look at all of it again at each change."""
    known = list(deprecations)
    sentences: list[str] = []
    functions: dict[str, Any] = {}
    for attribute, hook, function in implementations(plugin):
        used = [one for one in known if one.hook == hook and hook in specs and _is_used(one, function, specs[hook])]
        sentences += [one.sentence for one in used]
        old = {one.argument: one.derive for one in used if one.derive is not None}
        functions[attribute] = _translated(function, specs[hook], old) if old else function
    return _Hooks(functions), tuple(sentences)


class _Hooks:
    def __init__(self, functions: Mapping[str, Any]) -> None:
        vars(self).update(functions)

    def __dir__(self) -> Iterable[str]:
        return vars(self)


def _is_used(deprecation: Deprecation, function: Any, spec: HookSpec) -> bool:
    if not deprecation.argument:
        return True
    return deprecation.argument not in spec.arguments and deprecation.argument in inspect.signature(function).parameters


def _translated(
    function: Any, spec: HookSpec, old: Mapping[str, Callable[[Mapping[str, Any]], Any]]
) -> Callable[..., Any]:
    """A function that takes all arguments of today and calls the plugin's with those it names."""
    names = ("host", *spec.arguments)
    wanted = [name for name in inspect.signature(function).parameters if name in names or name in old]

    def translated(*given: Any) -> Any:
        values = dict(zip(names, given, strict=True))
        return function(**{name: old[name](values) if name in old else values[name] for name in wanted})

    # pluggy reads a function's names from its code, so it must really have them; they are those of our own specifications
    together = ", ".join(names)
    named: Callable[..., Any] = eval(f"lambda {together}: translated({together})", {"translated": translated})
    setattr(named, f"{PROJECT}_impl", getattr(function, f"{PROJECT}_impl"))
    return named
