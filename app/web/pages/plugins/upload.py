"""Adding a plugin from a file: upload it, read what it asks for, install or update it. Going back to the version before."""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError
from app.plugin_host import State
from app.plugin_host.archives.signatures import Signed, SignedState
from app.services.plugins import archives
from app.services.plugins.archives import Installed, Staged
from app.services.plugins.exports import ExportCard
from app.web.consent_page import consent_page
from app.web.contexts import OriginMark, PluginMark
from app.web.current import current_actor, current_core
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.refusals import flash_refusal
from app.web.shell import render_page
from app.web.texts import translated

__all__: list[str] = []


@blueprint.post("/uploaded-file")
def upload() -> BaseResponse:
    """Look into a file and keep it until its owner has decided. Nothing of it runs."""
    file = request.files.get("archive")
    try:
        if file is None or not file.filename:
            flash(gettext("Choose a file first."), "error")
            return redirect(url_for("plugins.index", _anchor="upload"), code=303)
        card = archives.stage(current_core(), current_actor(), file.read())
    except AppError as error:
        flash_refusal(error)
        return redirect(url_for("plugins.index", _anchor="upload"), code=303)
    return redirect(url_for("plugins.staged", token=card.token), code=303)


@blueprint.get("/uploaded-file/<token>")
def staged(token: str) -> Response:
    """What an uploaded plugin asks for, with the ways to go on."""
    card = archives.staged(current_core(), current_actor(), token)
    page = consent_page(
        card.manifest,
        kind=_kind(card),
        mark=PluginMark(card.name, translated(card.manifest.title), "puzzle", card.manifest.version),
        origin=_origin(card.signed),
        post_url=url_for("plugins.install", token=token),
        cancel_url=url_for("plugins.index"),
        agreed=card.granted,
        previous_version=card.version_now,
        problems=card.problems,
        notes=_notes(card),
    )
    return render_page("plugins/consent.html", page, section=SECTION)


@blueprint.post("/uploaded-file/<token>")
def install(token: str) -> BaseResponse:
    """Install or update what was shown, or throw it away. What stands in its way is said on the same page."""
    core, actor, answer = current_core(), current_actor(), request.form.get("answer")
    try:
        if answer == "cancel":
            archives.discard(core, actor, token)
            return redirect(url_for("plugins.index"), code=303)
        card = archives.staged(core, actor, token)
        switches_on = answer == "agree" and not card.is_update
        installed = archives.install(core, actor, token, card.asks, switch_on=switches_on)
        _say_how_it_went(installed)
    except AppError as error:
        flash_refusal(error)
        return redirect(url_for("plugins.index"), code=303)
    return redirect(url_for("plugins.show", name=card.name), code=303)


@blueprint.post("/<name>/go-back")
def go_back(name: str) -> BaseResponse:
    """Back to the version before the last update."""
    try:
        _say_how_it_went(archives.go_back(current_core(), current_actor(), name))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("plugins.show", name=name), code=303)


def _say_how_it_went(installed: Installed) -> None:
    info = installed.info
    title = translated(info.manifest.title) if info.manifest else info.name
    if installed.version_before:
        flash(gettext("%(name)s is now version %(version)s.", name=title, version=info.version))
    elif info.state is State.ACTIVE:
        flash(gettext("%(name)s is installed and switched on.", name=title))
    else:
        flash(gettext("%(name)s is installed.", name=title))
    for sentence in installed.sentences:
        flash(translated(sentence), "error")


def _kind(card: Staged) -> str:
    if card.brings_back is not None:
        return "restore"
    return "update" if card.is_update else "install"


def _origin(signed: Signed) -> OriginMark:
    if signed.state is SignedState.TRUSTED:
        return OriginMark(gettext("uploaded"), gettext("signed by %(name)s", name=signed.name), is_trusted=True)
    if signed.state is SignedState.UNKNOWN:
        text = gettext("signed by “%(name)s”, whom nobody here has vouched for", name=signed.name)
        return OriginMark(gettext("uploaded"), text)
    return OriginMark(gettext("uploaded"), gettext("unsigned"))


def _notes(card: Staged) -> tuple[str, ...]:
    """What else its owner should know before deciding."""
    signer = current_core().plugins.info(card.name).signed_by if card.is_update else ""
    notes = []
    if card.has_code and signer and (card.signed.name if card.signed.is_trusted else "") != signer:
        notes.append(gettext("The version that is installed is signed by %(name)s; this one is not.", name=signer))
    if card.brings_back is not None:
        notes.append(_stored(card.brings_back))
    return tuple(notes)


def _stored(export: ExportCard) -> str:
    return gettext(
        "This archive also brings back what the plugin had stored: %(rows)s rows, %(values)s values and %(files)s files. What it has"
        " stored since is replaced.",
        rows=sum(export.rows.values()),
        values=export.values,
        files=export.files,
    )
