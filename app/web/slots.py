"""Boxes of plugins on pages of ours: collected, rendered one by one, and left out (counted against their plugin) when they fail."""

import logging
from collections.abc import Iterable

from flask import get_template_attribute, render_template
from jinja2 import TemplateError
from markupsafe import Markup

from app.plugin_api.registrations import Panel
from app.web.contexts import Fact
from app.web.contexts import Panel as ShownPanel
from app.web.current import current_core
from app.web.texts import translated

__all__ = ["collect_panels"]

log = logging.getLogger(__name__)


def collect_panels(hook: str, *, only: str | None = None, **values: object) -> tuple[ShownPanel, ...]:
    """What plugins show in a slot, in its order. `hook` is a collecting hook that answers panels."""
    found = current_core().plugins.dispatcher.collect(hook, only=only, **values)
    shown = [(panel, _render(plugin, hook, panel)) for plugin, panel in _sorted(found)]
    return tuple(one for _, one in shown if one is not None)


def _sorted(found: Iterable[tuple[str, Panel]]) -> list[tuple[str, Panel]]:
    return sorted(found, key=lambda one: (one[1].order, one[1].title))


def _render(plugin: str, hook: str, panel: Panel) -> ShownPanel | None:
    try:
        if panel.template:
            body = Markup(render_template(_own_template(plugin, panel.template), **panel.context))
        else:
            facts = get_template_attribute("components/records.html", "facts")
            body = facts([Fact(label, value) for label, value in panel.rows])
    except (TemplateError, LookupError, TypeError, ValueError, AttributeError) as error:
        core = current_core()
        log.exception("the panel %r of plugin %s cannot be shown", panel.title, plugin)
        core.plugins.health.fail(core.plugins.health.record(plugin, hook), error, core.clock.now())
        return None
    return ShownPanel(title=translated(panel.title), body_html=body, plugin=plugin)


def _own_template(plugin: str, template: str) -> str:
    """A panel may use its plugin's own templates only."""
    if not template.startswith(f"{plugin}/"):
        raise LookupError(f"{template} is not a template of {plugin}")
    return template
