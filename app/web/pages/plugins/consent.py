"""Agreeing to what a plugin asks for, before it is switched on or goes on."""

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, Conflict, NotFound
from app.plugin_api.manifest import Manifest
from app.plugin_host import PluginInfo, State
from app.queries.plugins import PluginFacts, plugin_facts
from app.services.plugins.switch import switch_plugin
from app.web.consent_page import consent_page
from app.web.current import current_actor, current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.pages.plugins.listing import say_how_it_started
from app.web.plugin_marks import fixed_because, origin_mark, plugin_mark
from app.web.refusals import flash_refusal
from app.web.shell import render_page
from app.web.texts import translated

__all__: list[str] = []


@blueprint.get("/<name>/agree")
def consent(name: str) -> Response | BaseResponse:
    """What the plugin asks for, with the way to agree."""
    core = current_core()
    info = core.plugins.info(name)
    if info.state in (State.ACTIVE, State.QUARANTINED):
        return redirect(url_for("plugins.show", name=name), code=303)
    facts = plugin_facts(core.session).get(name, PluginFacts())
    problem = info.problem if info.state is State.REFUSED else fixed_because(info)
    page = consent_page(
        _manifest(info),
        kind="activate",
        mark=plugin_mark(info),
        origin=origin_mark(info),
        post_url=url_for("plugins.agree", name=name),
        cancel_url=url_for("plugins.index"),
        agreed=facts.granted if info.state is State.WAITING else (),
        previous_version=facts.version if info.state is State.WAITING and facts.version != info.version else "",
        problems=(problem,) if problem else (),
        fields={"version": info.version, "asks": _asks(_manifest(info))},
    )
    return render_page("plugins/consent.html", page, section=SECTION)


@blueprint.post("/<name>/agree")
def agree(name: str) -> BaseResponse:
    """Switch it on, with everything that was shown and nothing more."""
    core = current_core()
    try:
        manifest = _manifest(core.plugins.info(name))
        if (request.form.get("version"), request.form.get("asks")) != (manifest.version, _asks(manifest)):
            raise Conflict("The plugin was changed meanwhile. Read again what it asks for.")
        say_how_it_started(switch_plugin(core, current_actor(), name, True, manifest.grants))
    except Conflict as error:
        flash_refusal(error)
        return redirect(url_for("plugins.consent", name=name), code=303)
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("plugins.show", name=name), code=303)


def _manifest(info: PluginInfo) -> Manifest:
    if info.manifest is None:
        raise NotFound(translated(info.problem))
    return info.manifest


def _asks(manifest: Manifest) -> str:
    """Everything that was shown, so that nobody agrees to what came after."""
    return " ".join(manifest.grants)
