"""Hooks: that they exist, want no argument that the host does not give, and are not on their way out."""

import ast
from collections.abc import Iterator
from difflib import get_close_matches

from app.plugin_api.deprecations import DEPRECATIONS
from app.plugin_check.report import Finding, error, warning
from app.plugin_check.source import Source
from app.plugin_check.usage import hooks_of
from app.plugin_host.hooks.shapes import read_specs

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
            wanted = list(_required(function))
            old = [one for one in DEPRECATIONS if one.hook == hook and (not one.argument or one.argument in wanted)]
            for one in old:
                yield warning(module.path, function.lineno, "deprecated", one.sentence, "Do that instead.")
            known = ("host", *spec.arguments)
            for argument in wanted:
                if argument not in (*known, *(one.argument for one in old)):
                    text = f"{hook} wants {argument}, but the hook has only {', '.join(known)}."
                    yield error(module.path, function.lineno, "hooks", text, "Leave it out, or give it a default.")


def _required(function: ast.FunctionDef) -> Iterator[str]:
    """The arguments without defaults."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    yield from (one.arg for one in positional[: len(positional) - len(given.defaults)])
    yield from (one.arg for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None)
