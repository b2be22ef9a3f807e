"""What agents do with an answer that has not left yet: send it now, choose another moment, cancel it."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, InvalidInput
from app.services.outgoing import scheduling
from app.web.current import current_actor, current_core
from app.web.formats import wall_time
from app.web.moments import posted_moment
from app.web.pages.conversation import blueprint
from app.web.pages.conversation_verbs import posted_message_id
from app.web.refusals import flash_refusal

__all__: list[str] = []


@blueprint.post("/conversations/<int:number>/scheduled")
def scheduled(number: int) -> BaseResponse:
    """Change one scheduled message."""
    try:
        message_id = posted_message_id(number)
        verb = {"send_now": _send_now, "cancel": _cancel, "move": _move}.get(request.form.get("action", ""))
        if verb is None:
            raise InvalidInput(gettext("Choose what to change."))
        verb(message_id)
    except AppError as error:
        flash_refusal(error)
    return redirect(url_for("conversation.show", number=number), code=303)


def _send_now(message_id: int) -> None:
    scheduling.send_now(current_core(), current_actor(), message_id)
    flash(gettext("The message is on its way."))


def _cancel(message_id: int) -> None:
    scheduling.cancel(current_core(), current_actor(), message_id)
    flash(gettext("The message will not be sent. Its text is in the reply box."))


def _move(message_id: int) -> None:
    at = posted_moment(request.form, "at")
    if at is None:
        raise InvalidInput(gettext("Choose a day and a time first."))
    conditional = "cancels_on_reply" in request.form
    scheduling.reschedule(current_core(), current_actor(), message_id, at, cancels_on_reply=conditional)
    flash(gettext("It will be sent %(time)s.", time=wall_time(at)))
