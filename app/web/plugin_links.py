"""Ways to pages of plugins in the navigation: asked for once a page, left out where they fail or lead to what the agent may not open."""

from collections.abc import Iterable, Iterator
from functools import partial

from flask import request

from app.domain.events import Viewer
from app.domain.roles import reaches
from app.domain.text import clean_line
from app.plugin_api.registrations import NavLink, is_own_path
from app.web.contexts import Link
from app.web.current import current_core, current_viewer
from app.web.plugin_faults import note_fault
from app.web.texts import translated

__all__ = ["collect_links"]

MOST_LINKS = 5
"""Of one plugin."""
_HOOK = "navigation_links"
_LONGEST_LABEL = 40


def collect_links() -> tuple[Link, ...]:
    """The links that plugins put below the core's sections, in their order. Nothing is put together where no plugin has any."""
    core, viewer = current_core(), current_viewer()
    if viewer is None or not core.plugins.dispatcher.listeners(_HOOK):
        return ()
    return tuple(_links(core.plugins.dispatcher.collect(_HOOK, viewer=viewer), viewer))


def _links(found: Iterable[tuple[str, NavLink]], viewer: Viewer) -> Iterator[Link]:
    counts: dict[str, int] = {}
    for plugin, link in sorted(found, key=lambda one: (one[1].order, one[1].label)):
        counts[plugin] = counts.get(plugin, 0) + 1
        if counts[plugin] > MOST_LINKS + 1:
            continue
        shown = _made(plugin, partial(_link, plugin, link, counts[plugin], viewer))
        if shown is not None:
            yield shown


def _made(plugin: str, make: partial[Link | None]) -> Link | None:
    what = f"slot {_HOOK}"
    try:
        return current_core().plugins.dispatcher.guarded(plugin, what)(make)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - what a plugin gave may do anything when it is read: the page goes on without it
        note_fault(plugin, what, error)
        return None


def _link(plugin: str, link: NavLink, count: int, viewer: Viewer) -> Link | None:
    """The link as pages show it, None for an agent who may not open its page. Raises `NoRoute` when it leads nowhere."""
    if count > MOST_LINKS:
        raise ValueError(f"It shows more than {MOST_LINKS} links.")
    if not is_own_path(link.path):
        raise ValueError(f"Its link leads to {link.path!r:.80}, which is no path of its own.")
    path = link.path.partition("?")[0]
    route, _ = current_core().plugins.routes.match(plugin, path, "GET")
    if not route.is_public and not reaches(viewer.role, route.role):
        return None
    return Link(
        label=clean_line(translated(link.label), _LONGEST_LABEL),
        url=f"{request.script_root}/plugins/{plugin}{link.path}",
        icon=link.icon or "puzzle",
        count=link.badge,
        is_current=_is_below(request.path, f"/plugins/{plugin}{path}"),
    )


def _is_below(path: str, top: str) -> bool:
    """Whether a page is this one or one below it."""
    return path.rstrip("/") == top.rstrip("/") or path.startswith(top.rstrip("/") + "/")
