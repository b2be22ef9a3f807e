"""What agents do on the conversation page: reply, note, change, undo, try again, keep a draft. Each post leads back to the page."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, flash, make_response, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, InvalidInput, NotFound
from app.models import Message, Status
from app.queries.conversation_page import ConversationFacts, identities_of, last_inbound
from app.services import cases, replies
from app.services import conversations as verbs
from app.services.core import Actor, Core
from app.services.replies import ReplyDraft
from app.services.seen import mark_unread
from app.web.bounce_warnings import must_be_told, told_of
from app.web.case_banner import known_answers, must_know_of_answers
from app.web.composer import Posted, default_recipients
from app.web.current import current_actor, current_agent, current_core
from app.web.errors import too_large
from app.web.formats import wall_time
from app.web.moments import posted_moment
from app.web.once import is_repeated
from app.web.pages.conversation import blueprint, find, render_conversation
from app.web.people_typed import parse_people, show_people
from app.web.refusals import flash_refusal
from app.web.senders import sender_chosen
from app.web.shell import is_partial, offer_undo
from app.web.signature import signed
from app.web.uploads import posted_files, posted_kept

__all__ = ["posted_message_id"]

_THEN = {"resolve": Status.RESOLVED, "pending": Status.PENDING, "open": Status.OPEN, "": Status.PENDING}
_FIELDS = {"text": "body", "until": "at"} | {
    name: name for name in ("to", "cc", "bcc", "account", "files", "choice", "at")
}


@blueprint.post("/conversations/<int:number>/reply")
def reply(number: int) -> Response | BaseResponse:
    """Queue an answer; for a few seconds it can be taken back, and one that leaves later until then."""
    conversation = find(number)
    try:
        draft = _draft(current_core(), conversation)
        must_be_told((*draft.to, *draft.cc, *draft.bcc))
        must_know_of_answers(conversation)
        if is_repeated():
            flash(gettext("This message was sent already."))
            return _to_page(number)
        message_id = replies.reply(current_core(), current_actor(), conversation.id, draft)
    except AppError as error:
        return _refused(number, error, "reply")
    if draft.at is not None:
        flash(gettext("It will be sent %(time)s.", time=wall_time(draft.at)))
    else:
        offer_undo(gettext("The message is on its way."), "conversation.undo", number, message_id)
    return _to_page(number)


@blueprint.post("/conversations/<int:number>/note")
def note(number: int) -> Response | BaseResponse:
    """Write a note for the team."""
    conversation = find(number)
    try:
        if is_repeated():
            flash(gettext("This note was saved already."))
            return _to_page(number)
        verbs.add_note(current_core(), current_actor(), conversation.id, request.form.get("body", ""))
    except AppError as error:
        return _refused(number, error, "note")
    if posted_files():
        flash(gettext("The note was saved, without its files: notes hold text only."), "error")
    return _to_page(number)


@blueprint.post("/conversations/<int:number>/change")
def change(number: int) -> Response | BaseResponse:
    """Status, assignee, team, priority, tags, snooze."""
    conversation = find(number)
    action, value = request.form.get("action", ""), request.form.get("value", "")
    if action == "mark_unread":
        mark_unread(current_core(), current_actor(), conversation.id)
        return _leave(url_for("inbox.index", **session.get("list", {})))
    try:
        verb = _CHANGES.get(action)
        if verb is None:
            raise InvalidInput(gettext("Choose what to change."))
        verb(current_core(), current_actor(), conversation.id, value)
    except AppError as error:
        flash_refusal(error)
    return render_conversation(find(number)) if is_partial() else _to_page(number)


@blueprint.post("/conversations/<int:number>/undo")
def undo(number: int) -> BaseResponse:
    """Take a message back that has not left; its text is in the reply box again."""
    try:
        replies.undo(current_core(), current_actor(), posted_message_id(number))
        flash(gettext("The message was not sent. Its text is in the reply box."))
    except AppError as error:
        flash_refusal(error)
    return _to_page(number)


@blueprint.post("/conversations/<int:number>/retry")
def retry(number: int) -> BaseResponse:
    """Try a message again that was not delivered."""
    try:
        replies.retry(current_core(), current_actor(), posted_message_id(number))
        flash(gettext("It is tried again now."))
    except AppError as error:
        flash_refusal(error)
    return _to_page(number)


@blueprint.post("/conversations/<int:number>/draft")
def draft(number: int) -> Response:
    """Keep what stands in the reply box. 409 for a note: drafts are kept for replies only."""
    conversation = find(number)
    if request.form.get("mode") == "note":
        return make_response("", 409)
    verbs.save_draft(current_core(), current_actor(), conversation.id, request.form.get("body", ""), kept=posted_kept())
    return make_response("", 204)


@blueprint.errorhandler(RequestEntityTooLarge)
def files_too_large(error: RequestEntityTooLarge) -> Response | BaseResponse:
    """Files that are too large together: back to the conversation, where the draft still is."""
    number = (request.view_args or {}).get("number")
    if number is None or request.endpoint not in ("conversation.reply", "conversation.note"):
        return too_large(error)
    size = current_core().config.max_upload_mb
    flash(
        gettext("Nothing was sent: at most %(size)s MB fit into one message, all files together.", size=size), "error"
    )
    return _to_page(number)


def _draft(core: Core, conversation: ConversationFacts) -> ReplyDraft:
    form = request.form
    usual = default_recipients(
        last_inbound(core.session, conversation.id), identities_of(core.session, conversation.contact_id)
    )
    kind = usual[0].kind if usual else "email"
    typed = form.get("to", "").strip()
    if "then" in form and form["then"] not in _THEN:
        raise InvalidInput(gettext("Unknown status."), {"then": gettext("Choose resolve or pending.")})
    at, until = posted_moment(form, "at"), posted_moment(form, "remind")
    return ReplyDraft(
        text=signed(form.get("body", "").replace("\r\n", "\n"), current_agent().signature),
        to=usual if typed in ("", show_people(usual)) else parse_people(typed, kind, "to"),
        cc=parse_people(form.get("cc"), kind, "cc", may_be_empty=True),
        bcc=parse_people(form.get("bcc"), kind, "bcc", may_be_empty=True),
        files=posted_files(),
        kept=posted_kept(),
        then=Status.SNOOZED if until else _THEN[form.get("then", "")],
        until=until,
        at=at,
        cancels_on_reply=at is not None and "cancels_on_reply" in form,
        choice=form.get("choice", ""),
        account_id=_chosen(form.get("account", "").partition(":")[0]),
        sender=sender_chosen(form.get("account", "")),
    )


def _refused(number: int, error: AppError, mode: str) -> Response:
    """The page again with everything that was typed and what was wrong with it. Text and files stay in the draft, too."""
    fields = error.fields if isinstance(error, InvalidInput) else {}
    errors = {_FIELDS.get(name, "body"): sentence for name, sentence in fields.items()} or {"body": str(error)}
    form = request.form
    posted = Posted(
        mode=mode,
        to=form.get("to", ""),
        cc=form.get("cc", ""),
        bcc=form.get("bcc", ""),
        account=form.get("account", ""),
        body=form.get("body", ""),
        choice=form.get("choice", ""),
        at=form.get("at_local", ""),
        cancels_on_reply="cancels_on_reply" in form,
        told_of=told_of(error),
        knows_of=known_answers(error),
        errors=errors,
    )
    text = form.get("body", "") if mode == "reply" else None
    conversation = find(number)
    verbs.save_draft(current_core(), current_actor(), conversation.id, text, files=posted_files(), kept=posted_kept())
    return render_conversation(find(number), posted=posted, status=422)


def posted_message_id(number: int) -> int:
    """The posted message, which must be one of this conversation."""
    text = request.form.get("message", "")
    message = current_core().session.get(Message, int(text)) if text.isdecimal() and len(text) < 16 else None
    if message is None or message.conversation_id != find(number).id:
        raise NotFound(gettext("This message does not exist any more."))
    return message.id


def _to_page(number: int) -> BaseResponse:
    return redirect(url_for("conversation.show", number=number), code=303)


def _leave(address: str) -> Response | BaseResponse:
    """Go to another page; htmx is told with a header, because it would follow a redirect by itself."""
    return make_response("", 204, {"HX-Redirect": address}) if is_partial() else redirect(address, code=303)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _chosen(text: str) -> int | None:
    """An id, or None for nobody. Raises `InvalidInput` for anything else."""
    if text in ("none", ""):
        return None
    number = _number(text)
    if number is None:
        raise InvalidInput(gettext("Choose one of the list."))
    return number


def _snooze(core: Core, actor: Actor, conversation_id: int, value: str) -> int:
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise InvalidInput(gettext("Choose a moment."), {"until": gettext("Choose a moment.")})
    return verbs.snooze(core, actor, [conversation_id], until)


def _priority(core: Core, actor: Actor, conversation_id: int, value: str) -> int:
    known = verbs.PRIORITIES
    return verbs.set_priority(core, actor, [conversation_id], known.index(value) if value in known else -1)


_CHANGES: dict[str, Callable[[Core, Actor, int, str], int]] = {
    "resolve": lambda core, actor, i, value: verbs.resolve(core, actor, [i]),
    "reopen": lambda core, actor, i, value: verbs.reopen(core, actor, [i]),
    "not_spam": lambda core, actor, i, value: verbs.reopen(core, actor, [i]),
    "pending": lambda core, actor, i, value: verbs.set_pending(core, actor, [i]),
    "spam": lambda core, actor, i, value: verbs.spam(core, actor, [i]),
    "assign_me": lambda core, actor, i, value: verbs.assign(core, actor, [i], actor.agent_id),
    "assign": lambda core, actor, i, value: verbs.assign(core, actor, [i], _chosen(value)),
    "team": lambda core, actor, i, value: verbs.move_to_team(core, actor, [i], _chosen(value)),
    "priority": _priority,
    "tag_add": lambda core, actor, i, value: verbs.add_tag(core, actor, [i], value),
    "tag_remove": lambda core, actor, i, value: verbs.remove_tag(core, actor, [i], value),
    "snooze": _snooze,
    "resolve_case": lambda core, actor, i, value: cases.resolve_all(core, actor, i),
    "assign_case": lambda core, actor, i, value: cases.assign_all(core, actor, i, actor.agent_id),
    "take_out": lambda core, actor, i, value: cases.take_out(core, actor, i),
    "put_in": lambda core, actor, i, value: cases.put_in(core, actor, i),
}
