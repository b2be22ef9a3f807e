"""The list of plugins, and switching them on and off."""

from collections.abc import Mapping

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError
from app.plugin_host import PluginInfo, State
from app.queries.plugins import HourCost, PluginFacts, hour_costs, plugin_facts, resting_hooks
from app.services.plugins import switch
from app.web.contexts import PluginRow, PluginsPage, StatusTab, UploadOffer
from app.web.current import current_actor, current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.pages.plugins.conflicts import conflict_rows
from app.web.plugin_marks import (
    cost_line,
    fixed_because,
    has_settings,
    kind_name,
    may_run_at_once,
    origin_mark,
    plugin_mark,
    plugin_status,
    plugin_title,
    switch_button,
)
from app.web.refusals import back_to, flash_refusal
from app.web.shell import offer_again, render_page
from app.web.texts import translated

__all__: list[str] = []


@blueprint.get("")
def index() -> Response:
    """All of them, or those of one tab."""
    core = current_core()
    facts, costs = plugin_facts(core.session), hour_costs(core.session, core.clock.now())
    resting = resting_hooks(core.session)
    rows = [
        _row(info, facts.get(info.name, PluginFacts()), costs.get(info.name), resting.get(info.name, ()))
        for info in core.plugins.infos()
    ]
    shown = request.args.get("show", "all")
    chosen = {key: [row for row in rows if key in _tabs_of(row)] for key in _tab_names()}
    if shown not in chosen:
        shown = "all"
    page = PluginsPage(
        rows=tuple(chosen[shown]),
        tabs=_tabs({key: len(found) for key, found in chosen.items()}, shown),
        total=len(rows),
        upload=_upload_offer(),
        shown=shown,
        is_safe_mode=core.plugins.is_safe_mode,
        conflict_count=len(conflict_rows()),
    )
    return render_page("plugins/list.html", page, section=SECTION)


@blueprint.post("/look-again")
def rescan() -> BaseResponse:
    """Find what was added, changed or taken away since."""
    try:
        before = {info.name for info in current_core().plugins.infos()}
        found = {info.name for info in switch.rescan_plugins(current_core(), current_actor())}
        new = sorted(found - before)
        flash(gettext("Found: %(names)s.", names=", ".join(new)) if new else gettext("Nothing new was found."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("plugins.index"), code=303)


@blueprint.post("/<name>/on")
def switch_on(name: str) -> BaseResponse:
    """Switch a plugin on; one that asks for something nobody agreed to shows first what that is."""
    core = current_core()
    info = core.plugins.info(name)
    facts = plugin_facts(core.session).get(name, PluginFacts())
    if not may_run_at_once(info, facts.granted):
        return redirect(url_for("plugins.consent", name=name), code=303)
    try:
        say_how_it_started(switch.switch_plugin(core, current_actor(), name, True, facts.granted))
    except AppError as error:
        flash_refusal(error)
    return back_to(url_for("plugins.index"))


@blueprint.post("/<name>/off")
def switch_off(name: str) -> BaseResponse:
    """Switch a plugin off; the next page offers to switch it on again."""
    try:
        info = switch.switch_plugin(current_core(), current_actor(), name, False)
        text = gettext("%(name)s is switched off.", name=plugin_title(info))
        offer_again(text, gettext("Switch on again"), "plugins.switch_on", name=name)
    except AppError as error:
        flash_refusal(error)
    return back_to(url_for("plugins.index"))


def say_how_it_started(info: PluginInfo) -> None:
    """A toast about a plugin that was just switched on."""
    if info.state is State.ACTIVE:
        flash(gettext("%(name)s is switched on.", name=plugin_title(info)))
    else:
        flash(translated(info.problem) or gettext("The plugin could not be started."), "error")


def _row(info: PluginInfo, facts: PluginFacts, cost: HourCost | None, resting: tuple[str, ...]) -> PluginRow:
    return PluginRow(
        mark=plugin_mark(info),
        summary=translated(info.manifest.summary) if info.manifest else "",
        kind=kind_name(info),
        status=plugin_status(info, resting),
        origin=origin_mark(info),
        owner=info.manifest.owner if info.manifest else "",
        cost=cost_line(cost),
        account_count=facts.account_count,
        button=switch_button(info, facts),
        fixed_because=fixed_because(info),
        has_settings=has_settings(info),
    )


def _tabs_of(row: PluginRow) -> tuple[str, ...]:
    state = "on" if row.status.is_on else "off"
    return ("all", state, "attention") if row.status.needs_attention else ("all", state)


def _tab_names() -> Mapping[str, str]:
    return {
        "all": gettext("All"),
        "on": gettext("On"),
        "off": gettext("Off"),
        "attention": gettext("Needs attention"),
    }


def _tabs(counts: Mapping[str, int], shown: str) -> tuple[StatusTab, ...]:
    return tuple(
        StatusTab(
            label=label,
            url=url_for("plugins.index", show=None if key == "all" else key),
            count=counts[key],
            is_current=key == shown,
        )
        for key, label in _tab_names().items()
    )


def _upload_offer() -> UploadOffer:
    config = current_core().config
    return UploadOffer(config.allow_uploads, config.max_upload_mb, config.require_signature)
