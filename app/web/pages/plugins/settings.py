"""The settings of a plugin: a page made from the form it declared, and who changed what."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, InvalidInput
from app.plugin_host import bind_form, check_form
from app.queries.plugin_page import setting_changes
from app.services.plugins import settings as plugin_settings
from app.web.contexts import PluginSettingsPage
from app.web.current import current_actor, current_core
from app.web.declared_form import translate_choices
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.plugin_marks import plugin_mark
from app.web.refusals import put_problems
from app.web.setting_history import history_rows
from app.web.shell import render_page
from app.web.texts import translated
from forms.settings import SettingsForm

__all__: list[str] = []


@blueprint.route("/<name>/settings", methods=["GET", "POST"])
def settings(name: str) -> Response | BaseResponse:
    """Change the settings; secrets that are left empty stay as they are."""
    core = current_core()
    form = _form(name)
    if request.method == "POST":
        try:
            plugin_settings.save_plugin_settings(core, current_actor(), name, check_form(form, request.form))
            flash(gettext("Saved."))
            return redirect(url_for("plugins.settings", name=name), code=303)
        except AppError as error:
            if not any(field.errors for field in form):
                put_problems(form, error)
            undeclared = error.fields if isinstance(error, InvalidInput) else {}
            form.form_errors += [f"{key}: {text}" for key, text in undeclared.items() if key not in form.data]
    labels = {field.short_name: translated(field.label.text) for field in form}
    page = PluginSettingsPage(
        mark=plugin_mark(core.plugins.info(name)),
        form=form,
        history=history_rows(setting_changes(core.session, name), labels),
    )
    has_failed = bool(form.form_errors or form.errors)
    return render_page("plugins/settings.html", page, section=SECTION, status=422 if has_failed else 200)


def _form(name: str) -> SettingsForm:
    core = current_core()
    form_class = plugin_settings.settings_form(core, name)
    stored = plugin_settings.stored_settings(core, name)
    submitted = request.form if request.method == "POST" else None
    return translate_choices(bind_form(form_class, submitted, stored=stored.values, has_secrets=stored.secrets))
