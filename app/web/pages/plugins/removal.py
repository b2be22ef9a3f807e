"""Removing a plugin: everything it owns is shown first, then packed into an archive to keep, then deleted."""

from collections.abc import Iterator

from flask import Response, redirect, request, send_file, session, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError
from app.services.plugins import removal
from app.services.plugins.removal import UninstallPreview
from app.web.contexts import OwnedThing, RemovedPage, UninstallPage
from app.web.current import current_actor, current_core
from app.web.formats import file_size
from app.web.pages.plugins.blueprint import SECTION, blueprint
from app.web.plugin_marks import plugin_mark
from app.web.refusals import flash_refusal
from app.web.shell import render_page
from app.web.texts import translated

__all__: list[str] = []

_REMOVED = "removed_plugin"


@blueprint.get("/<name>/uninstall")
def uninstall(name: str) -> Response:
    """Everything that goes and everything that stays."""
    return _preview_page(name)


@blueprint.post("/<name>/uninstall")
def remove(name: str) -> Response | BaseResponse:
    """Remove it, when its name was typed."""
    typed = request.form.get("typed", "").strip()
    if typed != name:
        return _preview_page(name, typed, gettext("Type %(name)s, exactly as it is written here.", name=name))
    try:
        gone = removal.uninstall(current_core(), current_actor(), name)
    except AppError as error:
        flash_refusal(error)
        return redirect(url_for("plugins.show", name=name), code=303)
    session[_REMOVED] = {
        "title": translated(gone.title), "archive": gone.archive, "is_empty": gone.is_empty, "notes": gone.sentences,
    }  # fmt: skip
    return redirect(url_for("plugins.removed"), code=303)


@blueprint.get("/removed-plugin")
def removed() -> Response | BaseResponse:
    """What was removed last in this browser, with its archive."""
    gone = session.get(_REMOVED)
    if gone is None:
        return redirect(url_for("plugins.index"), code=303)
    page = RemovedPage(
        title=gone["title"],
        archive_url=url_for("plugins.archive", filename=gone["archive"]),
        archive_name=gone["archive"],
        is_empty=gone["is_empty"],
        notes=tuple(map(translated, gone["notes"])),
    )
    return render_page("plugins/removed.html", page, section=SECTION)


@blueprint.get("/removed-plugin/<filename>")
def archive(filename: str) -> BaseResponse:
    """The archive of a removed plugin."""
    path = removal.removed_archive(current_core(), current_actor(), filename)
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=filename)


def _preview_page(name: str, typed: str = "", problem: str = "") -> Response:
    core = current_core()
    preview = removal.uninstall_preview(core, name)
    page = UninstallPage(
        mark=plugin_mark(core.plugins.info(name)),
        going=tuple(_going(preview)),
        staying=tuple(_staying(preview)),
        keeps_code=bool(preview.code_stays),
        problem=problem,
        typed=typed,
    )
    return render_page("plugins/uninstall.html", page, section=SECTION, status=422 if problem else 200)


def _going(preview: UninstallPreview) -> Iterator[OwnedThing]:
    for table, rows in preview.tables:
        yield OwnedThing(gettext("Table"), ngettext("%(num)s row", "%(num)s rows", rows), table)
    if preview.settings:
        amount = ngettext("%(num)s setting", "%(num)s settings", len(preview.settings))
        yield OwnedThing(gettext("Settings"), amount, ", ".join(preview.settings))
    if preview.secrets:
        amount = ngettext("%(num)s secret", "%(num)s secrets", len(preview.secrets))
        yield OwnedThing(gettext("Passwords and keys"), amount, ", ".join(preview.secrets))
    if preview.values:
        yield OwnedThing(gettext("Small values"), ngettext("%(num)s value", "%(num)s values", preview.values))
    if preview.jobs:
        amount = ngettext("%(num)s job", "%(num)s jobs", len(preview.jobs))
        yield OwnedThing(gettext("Work in the background"), amount, ", ".join(preview.jobs))
    if preview.data_files:
        yield OwnedThing(gettext("Files it stored"), _files(preview.data_files, preview.data_bytes))
    if preview.code_files:
        yield OwnedThing(gettext("The plugin itself"), _files(preview.code_files, preview.code_bytes))
    if preview.snapshots:
        amount = ngettext("%(num)s version", "%(num)s versions", preview.snapshots)
        yield OwnedThing(gettext("Earlier versions to go back to"), amount)
    if preview.missed_events:
        yield OwnedThing(gettext("News it missed"), f"{preview.missed_events}")


def _staying(preview: UninstallPreview) -> Iterator[OwnedThing]:
    for account in preview.accounts:
        amount = ngettext("%(num)s conversation", "%(num)s conversations", account.conversations)
        yield OwnedThing(gettext("Account, paused"), amount, account.name, stays=True)
    if preview.code_stays:
        yield OwnedThing(translated(preview.code_stays), "", stays=True)


def _files(count: int, size_bytes: int) -> str:
    return ngettext("%(num)s file, %(size)s", "%(num)s files, %(size)s", count, size=file_size(size_bytes))
