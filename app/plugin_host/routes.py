"""Which page of a plugin a request is for. The web layer mounts one catch-all under `/plugins/<name>` and asks here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from app.plugin_api.registrations import Route

__all__ = ["STATIC", "NoRoute", "RouteTable", "WrongMethod"]

STATIC = "static/"
"""Below this path the host itself serves the files of a plugin."""


class NoRoute(LookupError):
    """The plugin has no page there, or there is no such plugin."""


class WrongMethod(Exception):
    """There is a page but not for this method; `allowed` names those it has."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"only {', '.join(self.allowed)}")


@dataclass(frozen=True, slots=True)
class _Pages:
    adapter: MapAdapter
    routes: tuple[Route, ...]


class RouteTable:
    """The routes of all running plugins. Not changed once made; the manager makes a new one when plugins come and go."""

    def __init__(self, routes: Mapping[str, Iterable[Route]]) -> None:
        self._pages = {plugin: _build(tuple(of_plugin)) for plugin, of_plugin in routes.items()}

    @classmethod
    def together(cls, tables: "Iterable[RouteTable]") -> "RouteTable":
        """One table of the plugins of several."""
        table = cls({})
        for one in tables:
            table._pages.update(one._pages)
        return table

    def match(self, plugin: str, path: str, method: str) -> tuple[Route, dict[str, Any]]:
        """The route for `path` (below the plugin's own root, starts with a slash) and the values of its variables.

        Raises `NoRoute` or `WrongMethod`. A slash at the end makes no difference.
        """
        pages = self._pages.get(plugin)
        if pages is None:
            raise NoRoute(plugin)
        try:
            index, values = pages.adapter.match(path_info=path, method=method)
        except NotFound as error:
            raise NoRoute(path) from error
        except MethodNotAllowed as error:
            raise WrongMethod(error.valid_methods or ()) from error
        return pages.routes[index], dict(values)

    def routes(self, plugin: str) -> tuple[Route, ...]:
        """All routes of a plugin, in the order it gave them."""
        return self._pages[plugin].routes if plugin in self._pages else ()


def _check_rule(rule: object) -> None:
    """Raises ValueError with a sentence unless the rule stays below the plugin's own address."""
    if not isinstance(rule, str) or not rule.startswith("/"):
        raise ValueError(f"Its route {rule!r} does not start with a slash.")
    parts = rule[1:].removesuffix("/").split("/")
    if len(parts) > 1 and "" in parts or {".", ".."} & set(parts) or "\\" in rule:
        raise ValueError(
            f"Its route {rule} leads out of the plugin's own address: it has empty parts, dots or backslashes."
        )
    if f"{rule}/".startswith(f"/{STATIC}"):
        raise ValueError(f"Its route {rule} is where the host serves the plugin's files.")


def _build(routes: tuple[Route, ...]) -> _Pages:
    """Raises ValueError with a sentence when two routes claim the same page or a rule cannot be read."""
    taken: set[tuple[str, str]] = set()
    rules = []
    for index, route in enumerate(routes):
        _check_rule(route.rule)
        for method in route.methods:
            if (route.rule, method) in taken:
                raise ValueError(f"Two of its routes claim {method} {route.rule}.")
            taken.add((route.rule, method))
        rules.append(Rule(route.rule, endpoint=index, methods=list(route.methods)))
    table = Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)
    return _Pages(table.bind(""), routes)
