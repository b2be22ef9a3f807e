"""Whether all mail of an account is here: comparing it with its server, fetching what is missing, being told of an unusual quiet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission
from app.errors import AppError, NotFound
from app.queries.accounts import account_facts
from app.queries.reconciliation import compared_facts
from app.services.reconciling import wish_for
from app.services.silence import warn_of_silence
from app.web.contexts.reconciliation import GapRow, PlaceRow, ReconciliationPage
from app.web.current import current_actor, current_core, require_permission
from app.web.marks import directory
from app.web.reconciliation import numbers_text, reconciliation_box
from app.web.refusals import flash_refusal
from app.web.shell import render_page

__all__ = ["blueprint"]

blueprint = Blueprint("reconciliation", __name__)


@blueprint.get("/accounts/<int:id>/reconciliation")
def show(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """A row for each folder, and the first messages that are missing."""
    require_permission(Permission.ACCOUNTS)
    core = current_core()
    account, facts = account_facts(core.session, id), compared_facts(core.session, id)
    channel = core.plugins.channels.get(account.plugin) if account else None
    box = reconciliation_box(account, channel, facts, core.clock.now()) if account else None
    if account is None or facts is None or box is None:
        raise NotFound(gettext("This account cannot be compared with a server."))
    page = ReconciliationPage(
        id=id,
        name=account.name,
        channel=directory().channel_mark(id),
        box=box,
        places=tuple(map(_place, facts.places)),
        gaps=tuple(map(_gap, facts.gaps)),
        unnamed=max(facts.missing - len(facts.gaps), 0),
    )
    return render_page("accounts/reconciliation.html", page, section="accounts")


@blueprint.post("/accounts/<int:id>/reconciliation")
def compare(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Compare now; `repair` in the form also fetches everything that is missing. The page one came from then shows how far it is."""
    is_repair = bool(request.form.get("repair"))
    try:
        wish_for(current_core(), current_actor(), id, repair=is_repair)
        flash(
            gettext("What is missing is fetched in the background.") if is_repair else gettext("It is being compared.")
        )
    except AppError as error:
        flash_refusal(error)
    page = "reconciliation.show" if request.form.get("from") == "details" else "accounts.show"
    return redirect(url_for(page, id=id), code=303)


@blueprint.post("/accounts/<int:id>/silence")
def warn(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Say whether to be told when the account is unusually quiet."""
    try:
        warn_of_silence(current_core(), current_actor(), id, is_wanted=bool(request.form.get("warns")))
        flash(gettext("Saved."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("accounts.show", id=id), code=303)


def _place(place: Mapping[str, Any]) -> PlaceRow:
    missing = ngettext("%(num)s missing", "%(num)s missing", place["missing"]) if place["missing"] else ""
    return PlaceRow(place["place"], numbers_text(place["on_server"], place["here"]), missing)


def _gap(gap: Mapping[str, Any]) -> GapRow:
    at = datetime.fromisoformat(gap["at"]) if gap["at"] else None
    return GapRow(gap["place"], at, gap["sender"], gap["subject"], gap["size"])
