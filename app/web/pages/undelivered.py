"""The Undelivered tray: what arrived and could not be processed; look at it, try again, discard it."""

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.domain.roles import Permission
from app.errors import AppError, NotFound
from app.mime import parse_message
from app.queries.paging import Position
from app.queries.undelivered import UndeliveredFacts, undelivered_event, undelivered_events
from app.services.undelivered import discard_event, raw_event, retry_event
from app.web.contexts import UndeliveredEntry, UndeliveredPage, UndeliveredRow
from app.web.current import current_actor, current_core, require_permission
from app.web.marks import directory
from app.web.refusals import flash_refusal
from app.web.shell import render_page

__all__ = ["blueprint"]

blueprint = Blueprint("undelivered", __name__)
_SHOWN_BYTES = 60_000
_HEAD_BYTES = 64 * 1024


@blueprint.get("/undelivered")
def index() -> Response:
    """One page of the tray."""
    require_permission(Permission.UNDELIVERED)
    position = Position(after=request.args.get("after", ""), before=request.args.get("before", ""))
    found = undelivered_events(current_core().session, position=position)
    page = UndeliveredPage(
        rows=tuple(_row(event) for event in found.rows),
        older_url=url_for("undelivered.index", after=found.older) if found.older else None,
        newer_url=url_for("undelivered.index", before=found.newer) if found.newer else None,
    )
    return render_page("undelivered/list.html", page, section="undelivered")


@blueprint.get("/undelivered/<int:id>")
def show(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """One event with the beginning of its bytes as text."""
    event = _find(id)
    raw, _ = raw_event(current_core(), current_actor(), id)
    entry = UndeliveredEntry(
        row=_row(event),
        raw_text=_readable(raw[:_SHOWN_BYTES]),
        is_cut=len(raw) > _SHOWN_BYTES,
        what_to_do=gettext("When its cause is gone, try it again. Nothing else waits for it."),
    )
    return render_page("undelivered/show.html", entry, section="undelivered")


@blueprint.get("/undelivered/<int:id>/raw")
def raw(id: int) -> Response:  # noqa: A002 - the name of the variable in templates' links
    """The bytes as they came, as a download."""
    data, _ = raw_event(current_core(), current_actor(), id)
    response = make_response(data)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f"attachment; filename=undelivered-{id}.bin"
    return response


@blueprint.post("/undelivered/<int:id>/retry")
def retry(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Process it again now and say what became of it."""
    try:
        outcome = retry_event(current_core(), current_actor(), id)
        if outcome.state == "undelivered":
            flash(gettext("It still cannot be processed. The reason is below."), "error")
            return redirect(url_for("undelivered.show", id=id), code=303)
        flash(gettext("It was processed and is no longer here."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("undelivered.index"), code=303)


@blueprint.post("/undelivered/<int:id>/discard")
def discard(id: int) -> BaseResponse:  # noqa: A002 - the name of the variable in templates' links
    """Take it out of the tray for good."""
    try:
        discard_event(current_core(), current_actor(), id)
        flash(gettext("Discarded."))
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("undelivered.index"), code=303)


def _find(event_id: int) -> UndeliveredFacts:
    require_permission(Permission.UNDELIVERED)
    event = undelivered_event(current_core().session, event_id)
    if event is None:
        raise NotFound(gettext("This is not in the tray any more."))
    return event


def _row(event: UndeliveredFacts) -> UndeliveredRow:
    sender, subject = _head(event)
    return UndeliveredRow(
        id=event.id,
        at=event.received_at,
        channel=directory().channel_mark(event.account_id),
        sender=sender,
        subject=subject,
        reason=event.reason,
        size_bytes=event.size,
        attempts=event.attempts + 1,
    )


def _head(event: UndeliveredFacts) -> tuple[str, str]:
    """Sender and subject where the bytes are a mail whose head can be read; empty texts otherwise."""
    if "rfc822" not in event.content_type:
        return "", ""
    try:
        with current_core().files.open(event.payload_sha256) as file:
            head = file.read(_HEAD_BYTES).partition(b"\r\n\r\n")[0]
        parsed = parse_message(head + b"\r\n\r\n")
    except (OSError, ValueError):
        return "", ""
    sender = parsed.sender
    return (sender.email if sender else ""), parsed.subject or ""


def _readable(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\0", "\u2400")
