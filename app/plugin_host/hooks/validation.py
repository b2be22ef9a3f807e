"""Looking at a plugin's hook implementations before they are registered, so that a mistake becomes a sentence and not a silence.

pluggy accepts a misspelt hook until `check_pending` and hands nothing to arguments with defaults; both are found here first.
"""

import inspect
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import pluggy

from app.plugin_api import hookspecs
from app.plugin_api.hookspecs import PROJECT
from app.plugin_host.hooks.shapes import HookSpec

__all__ = ["check_implementations", "implementations", "new_manager"]


def new_manager() -> pluggy.PluginManager:
    """A pluggy manager that knows the hooks of Tidings and no plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def check_implementations(name: str, plugin: Any, specs: Mapping[str, HookSpec]) -> pluggy.PluginManager:
    """A manager in which this plugin stands alone. Raises ValueError with a sentence when one of its hooks cannot be called."""
    for _, hook, function in implementations(plugin):
        _check(hook, function, getattr(function, f"{PROJECT}_impl"), specs)
    manager = new_manager()
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise ValueError(f"Its hooks cannot be registered: {error}") from error
    return manager


def implementations(plugin: Any) -> Iterator[tuple[str, str, Any]]:
    """(attribute, hook, function) of everything marked with `hookimpl` in a module, class or object."""
    own = vars(plugin) if isinstance(plugin, ModuleType) else None
    for attribute in dir(plugin):
        marked = inspect.getattr_static(plugin, attribute, None) if own is None else own.get(attribute)
        options = getattr(marked, f"{PROJECT}_impl", None)
        if isinstance(options, dict):
            yield attribute, options.get("specname") or attribute, getattr(plugin, attribute)


def _check(hook: str, function: Any, options: Mapping[str, Any], specs: Mapping[str, HookSpec]) -> None:
    spec = specs.get(hook)
    if spec is None:
        if options.get("optionalhook"):
            return
        near = get_close_matches(hook, specs, n=1)
        raise ValueError(f"It implements {hook}, but there is no such hook." + (f" Is it {near[0]}?" if near else ""))
    if options.get("wrapper") or options.get("hookwrapper"):
        raise ValueError(f"Its {hook} is a hook wrapper; plugins cannot wrap one another here.")
    if inspect.iscoroutinefunction(function):
        raise ValueError(f"Its {hook} is an async function; hooks are plain functions.")
    known = ("host", *spec.arguments)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is parameter.empty and parameter.name not in known:
            raise ValueError(f"Its {hook} wants {parameter}, but the hook has only {', '.join(known)}.")
