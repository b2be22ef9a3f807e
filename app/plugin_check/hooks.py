"""Hooks: that they exist, and want no argument that the host does not give."""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from app.plugin_check.report import Finding, error
from app.plugin_check.source import Source
from app.plugin_check.usage import hooks_of
from app.plugin_host.shapes import read_specs

__all__ = ["check_hooks"]


def check_hooks(source: Source) -> Iterator[Finding]:
    """What keeps a plugin from starting, before it is tried."""
    specs = read_specs()
    for module in source.modules:
        for hook, function in hooks_of(module):
            spec = specs.get(hook)
            if spec is None:
                near = get_close_matches(hook, specs, n=1)
                advice = f"Is it {near[0]}?" if near else "docs/hooks.md lists those that there are."
                yield error(module.path, function.lineno, "hooks", f"There is no hook called {hook}.", advice)
                continue
            known = ("host", *spec.arguments)
            for argument in _required(function):
                if argument not in known:
                    text = f"{hook} wants {argument}, but the hook has only {', '.join(known)}."
                    yield error(module.path, function.lineno, "hooks", text, "Leave it out, or give it a default.")


def _required(function: ast.FunctionDef) -> Iterator[str]:
    """The arguments without defaults."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    yield from (one.arg for one in positional[: len(positional) - len(given.defaults)])
    yield from (one.arg for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None)
