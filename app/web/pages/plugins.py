"""Installed plugins: what they may do, how they are doing, on and off."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission
from app.errors import AppError
from app.plugin_api.manifest import PERMISSIONS
from app.plugin_host import PluginInfo, State
from app.queries.plugins import PluginFacts, plugin_facts
from app.services.plugin_switch import switch_plugin
from app.web.contexts import Health, PluginRow, PluginsPage
from app.web.current import current_actor, current_core, require_permission
from app.web.marks import channel_icon
from app.web.refusals import flash_refusal
from app.web.shell import render_page
from app.web.texts import translated

__all__ = ["blueprint"]

blueprint = Blueprint("plugins", __name__)


@blueprint.get("/settings/plugins")
def index() -> Response:
    """All of them."""
    require_permission(Permission.PLUGINS)
    core = current_core()
    facts = plugin_facts(core.session)
    page = PluginsPage(
        rows=tuple(_row(info, facts.get(info.name, PluginFacts())) for info in core.plugins.infos()),
        problems=(gettext("Tidings runs in safe mode: only its own plugins are on."),)
        if core.plugins.is_safe_mode
        else (),
    )
    return render_page("plugins/list.html", page, section="plugins")


@blueprint.post("/settings/plugins/<name>/toggle")
def toggle(name: str) -> BaseResponse:
    """Switch a plugin on or off."""
    wants_on = request.form.get("enabled") == "1"
    try:
        info = switch_plugin(current_core(), current_actor(), name, wants_on)
        if wants_on and info.state is not State.ACTIVE:
            flash(info.problem or gettext("The plugin could not be started."), "error")
        else:
            flash(gettext("Switched on.") if wants_on else gettext("Switched off."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("plugins.index"), code=303)


def _row(info: PluginInfo, facts: PluginFacts) -> PluginRow:
    core, manifest = current_core(), info.manifest
    names = {"channel": gettext("Channel"), "theme": gettext("Theme")}
    is_refused = info.state is State.REFUSED
    hooks = [hook for hook in core.plugins.specs if info.name in core.plugins.dispatcher.listeners(hook)]
    return PluginRow(
        name=info.name,
        title=translated(manifest.title) if manifest else info.name,
        summary=translated(manifest.summary) if manifest else "",
        version=manifest.version if manifest else "",
        kind=names.get(manifest.kind if manifest else "", gettext("Extra")),
        icon=channel_icon(info.name) if info.name in core.plugins.channels else "puzzle",
        is_enabled=info.state in (State.ACTIVE, State.QUARANTINED),
        health=_health(info, facts),
        permissions=tuple(translated(PERMISSIONS[p]) for p in manifest.permissions) if manifest else (),
        hooks=tuple(hooks),
        owner=manifest.owner if manifest else "",
        account_count=facts.account_count,
        fixed_because=info.problem if is_refused else None,
    )


def _health(info: PluginInfo, facts: PluginFacts) -> Health:
    if info.state is State.QUARANTINED:
        return Health("error", info.problem, facts.failed_at, gettext("Switch it off and on to try again."))
    if info.state is not State.ACTIVE:
        return Health("paused", info.problem or gettext("Switched off"))
    records = current_core().plugins.health_of(info.name)
    if any(record.is_resting for record in records):
        return Health("warning", gettext("Part of it rests after failing several times in a row."), facts.failed_at)
    if facts.failures:
        sentence = gettext("Failed %(count)s times, last with: %(error)s", count=facts.failures, error=facts.last_error)
        return Health("warning", sentence, facts.failed_at)
    return Health("ok", gettext("Works"))
