"""When plugins count as slow, broken or hanging: numbers for the whole installation."""

from dataclasses import asdict

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError
from app.plugin_host import Limits
from app.services.plugins import limits as plugin_limits
from app.web.contexts import LimitsPage
from app.web.current import current_actor, current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.refusals import put_problems
from app.web.shell import render_page
from forms.plugin_limits import PluginLimitsForm

__all__: list[str] = []


@blueprint.route("/host-limits", methods=["GET", "POST"])
def limits() -> Response | BaseResponse:
    """Show and change them, or go back to the usual ones."""
    core = current_core()
    now = plugin_limits.limits_of(core)
    form = PluginLimitsForm(request.form if request.method == "POST" else None, data=asdict(now))
    if request.method == "POST":
        wants_usual = request.form.get("action") == "defaults"
        try:
            if wants_usual or form.validate():
                plugin_limits.put_limits(core, current_actor(), {} if wants_usual else form.data)
                flash(gettext("Saved. All parts of Tidings follow within a second."))
                return redirect(url_for("plugins.limits"), code=303)
        except AppError as error:
            put_problems(form, error)
    usual, names = asdict(Limits()), list(form.data)
    page = LimitsPage(form, is_changed=any(usual[name] != asdict(now)[name] for name in names))
    return render_page("plugins/limits.html", page, section=SECTION, status=422 if form.errors else 200)
