"""Notices: what is open, what was closed lately; dismissing one; leaving safe mode."""

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission
from app.errors import AppError
from app.queries.notices import NoticeFacts, closed_notices, open_notices
from app.services.notice_mail import can_mail
from app.services.notices import dismiss
from app.services.safe_mode import leave_safe_mode
from app.web.alerts import notice_row
from app.web.contexts.notices import NoticeRow, NoticesPage
from app.web.current import current_actor, current_agent, current_core, require_permission
from app.web.formats import full_time
from app.web.refusals import back_to, flash_refusal
from app.web.shell import render_page

__all__ = ["blueprint"]

blueprint = Blueprint("notices", __name__)
CLOSED_DAYS = 30


@blueprint.get("/settings/notices")
def index() -> Response:
    """Open ones, and those that were closed in the last thirty days."""
    require_permission(Permission.NOTICES)
    core = current_core()
    found = open_notices(core.session)
    closed = closed_notices(core.session, core.clock.now() - timedelta(days=CLOSED_DAYS))
    is_waiting = any(one.mail_state == "queued" for one in found)
    page = NoticesPage(
        open=tuple(_row(one) for one in found),
        closed=tuple(notice_row(one) for one in closed),
        closed_days=CLOSED_DAYS,
        cannot_mail=is_waiting and not can_mail(core),
    )
    return render_page("notices/list.html", page, section="notices")


@blueprint.get("/settings/notices/alerts")
def alerts() -> Response:
    """Bell and banners alone, for pages that hear that something changed. Agents get safe mode's banner only."""
    current_agent()
    return make_response(render_template("notices/alerts.html"))


@blueprint.post("/settings/notices/<int:id>/dismiss")
def close(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Close one although its cause may last."""
    try:
        dismiss(current_core(), current_actor(), id)
    except AppError as error:
        flash_refusal(error)
    return back_to(url_for("notices.index"))


@blueprint.post("/settings/safe-mode/leave")
def leave() -> BaseResponse:
    """End safe mode; every process follows within a second."""
    core = current_core()
    try:
        leave_safe_mode(core, current_actor())
        flash(gettext("Safe mode is over. Plugins that were switched on are starting again."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("plugins.index"), code=303)


def _row(facts: NoticeFacts) -> NoticeRow:
    return replace(notice_row(facts), mail=_mail(facts), has_mail_problem=bool(facts.mail_error))


def _mail(facts: NoticeFacts) -> str:
    if facts.mail_state == "sent" and facts.mail_due_at is not None:
        return gettext("Mailed %(time)s", time=full_time(facts.mail_due_at))
    if facts.mail_state == "failed":
        return gettext("It could not be mailed: %(reason)s", reason=facts.mail_error)
    if facts.mail_error:
        return gettext("Mailing it is tried again: %(reason)s", reason=facts.mail_error)
    return ""
