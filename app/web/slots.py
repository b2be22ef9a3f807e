"""Boxes of plugins on pages of ours: collected, rendered one by one, and left out when they fail. Admins see which plugin failed there."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from flask import get_template_attribute, render_template
from markupsafe import Markup

from app.domain.roles import Permission
from app.errors import NotFound
from app.plugin_api.registrations import Panel
from app.web.addresses import url_for
from app.web.contexts import Fact
from app.web.contexts import Panel as ShownPanel
from app.web.current import current_core, may_do
from app.web.plugin_faults import note_fault
from app.web.texts import translated

__all__ = ["collect_panels", "plugin_title"]

MOST_BOXES = 20
"""Of one plugin in one place."""
LARGEST_BOX = 200_000
"""Characters of HTML. A browser shows that at once; what is larger belongs on a page of the plugin's own."""


def collect_panels(hook: str, *, only: str | None = None, **values: object) -> tuple[ShownPanel, ...]:
    """What plugins show in a slot, in its order. `hook` is a collecting hook that answers panels.

    One that fails is nothing to most, and to admins a mark that leads to its plugin; so is a plugin that failed to answer, or that rests.
    """
    failures_before = _failures(hook, only)
    found = current_core().plugins.dispatcher.collect(hook, only=only, **values)
    shown = list(_rendered(hook, _sorted(found)))
    missing = [_mark(plugin) for plugin in _silent(hook, only, failures_before)]
    return tuple(one for one in (*shown, *missing) if one is not None)


def plugin_title(name: str) -> str:
    """What a plugin is called on pages."""
    try:
        manifest = current_core().plugins.info(name).manifest
    except NotFound:
        return name
    return translated(manifest.title) if manifest else name


def _sorted(found: Iterable[tuple[str, Panel]]) -> list[tuple[str, Panel]]:
    return sorted(found, key=lambda one: (one[1].order, one[1].title))


def _rendered(hook: str, found: Iterable[tuple[str, Panel]]) -> Iterator[ShownPanel | None]:
    """The boxes, one by one. A plugin has so many, and the time of two calls for all of them together; what is beyond that is left out."""
    health = current_core().plugins.health
    spent: defaultdict[str, float] = defaultdict(float)
    boxes: Counter[str] = Counter()
    for plugin, panel in found:
        boxes[plugin] += 1
        if boxes[plugin] > MOST_BOXES + 1 or spent[plugin] > 2 * health.limits.request_s:
            continue
        started = health.timer()
        yield _render(plugin, hook, panel if boxes[plugin] <= MOST_BOXES else None)
        spent[plugin] += health.timer() - started


def _render(plugin: str, hook: str, panel: Panel | None) -> ShownPanel | None:
    """One box. A template that fails too often, or once takes too long, rests as a hook does. None stands for one box too many."""
    plugins = current_core().plugins
    what = f"template {panel.template}" if panel and panel.template else f"slot {hook}"
    health = plugins.health.record(plugin, what)
    if health.rests_until and not plugins.health.may_call(health):
        return _mark(plugin)
    try:
        body = plugins.dispatcher.guarded(plugin, what)(_body, plugin, panel)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: the page goes on without its box
        note_fault(plugin, what, error)
        return _mark(plugin)
    assert panel is not None
    return ShownPanel(title=translated(panel.title), body_html=body, plugin=plugin)


def _body(plugin: str, panel: Panel | None) -> Markup:
    if panel is None:
        raise ValueError(f"It shows more than {MOST_BOXES} boxes in one place.")
    if panel.template:
        body = Markup(render_template(_own_template(plugin, panel.template), **panel.context))
    else:
        _check_size(sum(len(str(text)) for row in panel.rows for text in row))
        facts = get_template_attribute("components/records.html", "facts")
        body = facts([Fact(label, value) for label, value in panel.rows])
    _check_size(len(body))
    return body


def _check_size(size: int) -> None:
    if size > LARGEST_BOX:
        raise ValueError(f"Its box has {size} characters, {LARGEST_BOX} are allowed.")


def _own_template(plugin: str, template: str) -> str:
    """A panel may use its plugin's own templates only."""
    if not template.startswith(f"{plugin}/"):
        raise LookupError(f"{template} is not a template of {plugin}")
    return template


def _failures(hook: str, only: str | None) -> dict[str, int]:
    """How often each plugin failed in the hook so far."""
    plugins = current_core().plugins
    names = [name for name in plugins.dispatcher.listeners(hook) if only in (None, name)]
    return {name: plugins.health.record(name, hook).failures for name in names}


def _silent(hook: str, only: str | None, before: dict[str, int]) -> Iterator[str]:
    """Plugins that failed to answer just now, or are not asked because they failed too often."""
    health = current_core().plugins.health
    for name, failures in _failures(hook, only).items():
        if failures > before.get(name, failures) or health.record(name, hook).is_resting:
            yield name


def _mark(plugin: str) -> ShownPanel | None:
    """What admins see in the place of a box; nobody else sees anything."""
    if not may_do(Permission.PLUGINS):
        return None
    failed = get_template_attribute("components/alerts.html", "failed_box")
    title = plugin_title(plugin)
    return ShownPanel(title=title, body_html=failed(title, url_for("plugins.show", name=plugin)), plugin=plugin)
