"""Boxes of plugins on pages of ours: collected, rendered one by one, and left out when they fail. Admins see which plugin failed there."""

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


def collect_panels(hook: str, *, only: str | None = None, **values: object) -> tuple[ShownPanel, ...]:
    """What plugins show in a slot, in its order. `hook` is a collecting hook that answers panels.

    One that fails is nothing to most, and to admins a mark that leads to its plugin; so is a plugin that failed to answer, or that rests.
    """
    failures_before = _failures(hook, only)
    found = current_core().plugins.dispatcher.collect(hook, only=only, **values)
    shown = [_render(plugin, hook, panel) for plugin, panel in _sorted(found)]
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


def _render(plugin: str, hook: str, panel: Panel) -> ShownPanel | None:
    what = f"slot {hook}"
    try:
        body = current_core().plugins.dispatcher.guarded(plugin, what)(_body, plugin, panel)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: the page goes on without its box
        note_fault(plugin, what, error)
        return _mark(plugin)
    return ShownPanel(title=translated(panel.title), body_html=body, plugin=plugin)


def _body(plugin: str, panel: Panel) -> Markup:
    if panel.template:
        return Markup(render_template(_own_template(plugin, panel.template), **panel.context))
    facts = get_template_attribute("components/records.html", "facts")
    return facts([Fact(label, value) for label, value in panel.rows])


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
