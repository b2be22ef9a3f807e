"""What agents do when messages stand in the wrong conversation: split off, move, merge, put back; and the address of a single message."""

import re
from dataclasses import replace

from flask import Response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, InvalidInput
from app.queries.conversation_list import ConversationFilter, ConversationRow, conversations, ids_of_numbers, rows_of
from app.queries.conversation_page import ConversationFacts
from app.queries.search import Hit, TooSlow, search
from app.queries.search_text import parse_search
from app.queries.threads import MessageFacts, ids_from, message_facts, place_of
from app.queries.timeline import timeline
from app.services import rethreading
from app.web.contexts import PlacePage, SearchHit
from app.web.current import current_actor, current_agent, current_core
from app.web.marks import directory, inbox_row
from app.web.pages.conversation import blueprint, find
from app.web.refusals import flash_refusal
from app.web.shell import offer_again, render_page
from app.web.text_html import marked_html

__all__: list[str] = []

_NUMBER = re.compile(r"#?(\d{1,15})")
_MOST = 10


@blueprint.get("/conversations/<int:number>/messages/<int:message_id>")
def message(number: int, message_id: int) -> BaseResponse:
    """Lead to the page that shows a message, wherever it was moved."""
    session = current_core().session
    place = place_of(session, message_id)
    newest = timeline(session, place.conversation_id)
    is_shown = any(one.id == message_id for one in newest.items if hasattr(one, "direction"))
    before = None if is_shown else place.cursor
    return redirect(url_for("conversation.show", number=place.number, before=before, _anchor=f"message-{message_id}"))


@blueprint.post("/conversations/<int:number>/split")
def split(number: int) -> BaseResponse:
    """A conversation of its own for a message and all that came after it."""
    conversation = find(number)
    try:
        moved = ids_from(current_core().session, conversation.id, _posted_number("message"))
        new = rethreading.split(current_core(), current_actor(), moved)
    except AppError as error:
        flash_refusal(error)
        return _to(number)
    _offer_back(gettext("This is a conversation of its own now."), new)
    return _to(new)


@blueprint.get("/conversations/<int:number>/messages/<int:message_id>/move")
def move(number: int, message_id: int) -> Response:
    """Where a message goes."""
    conversation = find(number)
    facts = message_facts(current_core().session, conversation.id, message_id)
    return _render_place(conversation, facts)


@blueprint.post("/conversations/<int:number>/messages/<int:message_id>/move")
def move_message(number: int, message_id: int) -> BaseResponse:
    """Move a message, alone or with all that came after it."""
    conversation = find(number)
    try:
        following = ids_from(current_core().session, conversation.id, message_id)
        moved = following if request.form.get("scope") == "following" else [message_id]
        into = rethreading.move(current_core(), current_actor(), moved, _posted_number("into"))
    except AppError as error:
        flash_refusal(error)
        return redirect(url_for("conversation.move", number=number, message_id=message_id), code=303)
    _offer_back(gettext("Moved to this conversation."), into)
    return _to(into)


@blueprint.get("/conversations/<int:number>/merge")
def merge(number: int) -> Response:
    """Which conversation this one becomes a part of."""
    return _render_place(find(number), None)


@blueprint.post("/conversations/<int:number>/merge")
def merge_into(number: int) -> BaseResponse:
    """Make two conversations one."""
    conversation = find(number)
    try:
        into = rethreading.merge(current_core(), current_actor(), conversation.number, _posted_number("into"))
    except AppError as error:
        flash_refusal(error)
        return redirect(url_for("conversation.merge", number=number), code=303)
    _offer_back(gettext("Merged into this conversation."), into)
    return _to(into)


@blueprint.post("/conversations/<int:number>/put-back")
def put_back(number: int) -> BaseResponse:
    """Undo the last of all this."""
    try:
        number = rethreading.put_back(current_core(), current_actor(), find(number).number)
    except AppError as error:
        flash_refusal(error)
    return _to(number)


def _posted_number(name: str) -> int:
    match = _NUMBER.fullmatch(request.form.get(name, "").strip())
    if match is None:
        raise InvalidInput(gettext("Choose a conversation."))
    return int(match[1])


def _to(number: int) -> BaseResponse:
    return redirect(url_for("conversation.show", number=number), code=303)


def _offer_back(text: str, number: int) -> None:
    offer_again(text, gettext("Put it back"), "conversation.put_back", number=str(number))


# ---- choosing the other conversation
def _render_place(conversation: ConversationFacts, facts: MessageFacts | None) -> Response:
    query = request.args.get("q", "").strip()
    hits, problem = _found(query) if query else (_of_contact(conversation), "")
    known = directory()
    page = PlacePage(
        number=conversation.number,
        subject=conversation.subject or conversation.contact_name,
        query=query,
        hits=tuple(
            SearchHit(inbox_row(hit.row, known), marked_html(hit.snippet))
            for hit in hits
            if hit.row.id != conversation.id
        )[:_MOST],
        problem=problem,
        post_url=_post_url(conversation.number, facts),
        back_url=url_for("conversation.show", number=conversation.number),
    )
    if facts is not None:
        author = facts.sender_name or facts.sender_value
        page = replace(page, message_from=author, message_excerpt=facts.excerpt, can_follow=facts.is_followed)
    return render_page("conversation/place.html", page, section="inbox")


def _post_url(number: int, facts: MessageFacts | None) -> str:
    if facts is None:
        return url_for("conversation.merge_into", number=number)
    return url_for("conversation.move_message", number=number, message_id=facts.id)


def _of_contact(conversation: ConversationFacts) -> list[Hit]:
    """What else is going on with the contact, the newest first."""
    wanted = ConversationFilter(contact_id=conversation.contact_id)
    return _hits(conversations(current_core().session, wanted, agent_id=current_agent().id, size=_MOST + 1).rows)


def _found(query: str) -> tuple[list[Hit], str]:
    """By its number, then by words; and a sentence when that does not work."""
    session, agent_id = current_core().session, current_agent().id
    match = _NUMBER.fullmatch(query)
    ids = ids_of_numbers(session, [int(match[1])]) if match else []
    by_number = _hits(rows_of(session, ids, agent_id=agent_id))
    wanted = parse_search(query)
    if wanted.problem or wanted.is_empty or wanted.number is not None:
        return by_number, wanted.problem
    try:
        by_words = search(session, wanted, agent_id=agent_id).hits
    except TooSlow:
        return by_number, gettext("This search takes too long. Add a word.")
    known = {hit.row.id for hit in by_number}
    return [*by_number, *(hit for hit in by_words if hit.row.id not in known)], ""


def _hits(rows: tuple[ConversationRow, ...] | list[ConversationRow]) -> list[Hit]:
    return [Hit(row, ((row.preview, False),)) for row in rows]
