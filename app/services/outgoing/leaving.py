"""When a message leaves: what becomes of its conversation then, and what of a message that was to leave later and must not any more.

A scheduled message has `scheduled_at` until its first attempt begins. What the contact writes before wins: intake takes the message back at
once (`hold_back`), and the first attempt looks again (`begin`), so that it does not matter which of the two comes first.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.domain.text import preview_of
from app.errors import InvalidInput
from app.models import Agent, Attachment, Contact, Conversation, DeliveryState, Direction, Message, Note, Status
from app.plugin_api.messages import Participant
from app.services.conversation_rows import add_activity, change_facets, set_status
from app.services.core import Actor, Core, Unit, writing
from app.services.drafts import give_back
from app.services.indexing import index_note
from app.services.outcomes import give_up
from app.services.outgoing.rows import take_out
from app.services.reply_rules import any_rules, permitted, rules_of

__all__ = ["begin", "carry_out", "count_from_now", "give_up_if_refused", "hold_back"]

_SAID = ("normal", "list")
"""Kinds of messages that somebody wrote."""


def carry_out(unit: Unit, conversation: Conversation, actor: Actor, then: str, until: datetime | None) -> None:
    """What an answer does to its conversation: nobody waits any more, the one who wrote it has it, and it goes where they wished."""
    conversation.waiting_since = None
    if conversation.assignee_id is None and actor.agent_id is not None:
        change_facets(unit, conversation, assignee_id=actor.agent_id)
    set_status(unit, conversation, Status(then), actor=actor, until=until)


def begin(unit: Unit, message: Message) -> bool:
    """Before an attempt: a scheduled message becomes one that leaves now, and its plan is carried out. False when it stays here instead,
    because somebody answered first. Nothing happens to any other message."""
    if message.scheduled_at is None:
        return True
    conversation = unit.session.get_one(Conversation, message.conversation_id, with_for_update=True)
    wrote_at, plan = _wrote_after(unit, message, message.id), message.plan or {}
    if message.cancels_on_reply and _wrote_after(unit, message, plan.get("read_to", message.id)) is not None:
        contact = unit.session.get(Contact, conversation.contact_id)
        _take_back(unit, conversation, message, contact.name if contact else "")
        return False
    message.scheduled_at, message.created_at = None, unit.now
    conversation.active_at, conversation.preview = unit.now, preview_of(message.text)
    if wrote_at is None:
        _carry_out_plan(unit, conversation, message, plan)
    elif conversation.waiting_since is not None:
        conversation.waiting_since = max(conversation.waiting_since, wrote_at)
    return True


def hold_back(unit: Unit, conversation_id: int, who: str) -> None:
    """Somebody (`who`) wrote in a conversation: what was scheduled in it on condition that nobody does becomes a draft of its author. Those
    that are just being taken up for sending are left to `begin`."""
    conversation = unit.session.get_one(Conversation, conversation_id, populate_existing=True)
    statement = select(Message).where(
        Message.conversation_id == conversation_id,
        Message.delivery_state == DeliveryState.QUEUED,
        Message.scheduled_at.is_not(None),
        Message.cancels_on_reply,
    )
    for message in unit.session.scalars(statement.with_for_update(skip_locked=True)).all():
        _take_back(unit, conversation, message, who)


def count_from_now(unit: Unit, message: Message) -> None:
    """Only what is written from now on keeps a scheduled message here: an agent who says so now has read what came before."""
    unit.session.get_one(Conversation, message.conversation_id, with_for_update=True)
    newest = select(func.max(Message.id)).where(
        Message.conversation_id == message.conversation_id, Message.direction == Direction.INBOUND
    )
    read_to = max(unit.session.scalar(newest) or 0, message.id)
    message.plan = {**(message.plan or {}), "read_to": read_to}


def give_up_if_refused(core: Core, message_id: int) -> bool:
    """Ask the channel again, when a scheduled message is about to leave, whether it still takes it; where it does not, the message failed.
    Nothing is asked of the database where no channel says anything."""
    if not any_rules(core):
        return False
    reason = _refused_because(core, message_id)
    if not reason:
        return False
    with writing(core) as unit:
        message = unit.session.get(Message, message_id, with_for_update=True)
        if message is None or message.scheduled_at is None or message.scheduled_at > unit.now:
            return False
        message.scheduled_at = None
        give_up(unit, message, reason)
    return True


def _refused_because(core: Core, message_id: int) -> str:
    statement = select(
        Message.account_id, Message.conversation_id, Message.recipients, Message.text, Message.choice
    ).where(Message.id == message_id, Message.scheduled_at <= core.clock.now())
    row = core.session.execute(statement).first()
    has_files = row is not None and core.session.scalar(
        select(Attachment.id).where(Attachment.message_id == message_id).limit(1)
    )
    core.session.rollback()
    if row is None:
        return ""
    person = row.recipients["to"][0]
    to = Participant(person["kind"], person["value"], person.get("name", ""))
    rules = rules_of(core, row.account_id, to, row.conversation_id)
    try:
        permitted(rules, text=row.text, choice=row.choice, has_files=bool(has_files))
    except InvalidInput as error:
        return str(error)
    return ""


def _wrote_after(unit: Unit, message: Message, newest_id: int) -> datetime | None:
    """When somebody first wrote in the conversation of a message of ours after the one with this id."""
    statement = (
        select(Message.created_at)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.id > newest_id,
            Message.direction == Direction.INBOUND,
            Message.kind.in_(_SAID),
        )
        .order_by(Message.id)
        .limit(1)
    )
    return unit.session.scalar(statement)


def _carry_out_plan(unit: Unit, conversation: Conversation, message: Message, plan: dict[str, Any]) -> None:
    """What somebody finished or threw out meanwhile stays so; a reminder whose moment has passed is none."""
    actor = Actor(agent_id=message.agent_id, name=message.sender_name, role="agent")
    then, until = plan.get("then", Status.PENDING), plan.get("until")
    moment = datetime.fromisoformat(until) if until else None
    if conversation.status in (Status.RESOLVED, Status.SPAM):
        then, moment = conversation.status, None
    elif moment is not None and moment <= unit.now:
        then, moment = Status.PENDING, None
    carry_out(unit, conversation, actor, then, moment)


def _take_back(unit: Unit, conversation: Conversation, message: Message, who: str) -> None:
    at, author_id, written_at = message.scheduled_at, message.agent_id, message.created_at
    text, files = take_out(unit, conversation, message)
    author = unit.session.get(Agent, author_id) if author_id is not None else None
    if author is not None and author.active:
        give_back(unit, text, files, agent_id=author.id, conversation_id=conversation.id)
    elif text:
        _keep_as_note(unit, conversation, author_id, text, written_at)
    names = [file.filename for file in files[:10]]
    data = {"at": at.isoformat() if at else "", "who": who, "files": names, "text": text}
    add_activity(unit, conversation.id, "held_back", None, {**data, "to": author.name if author else ""})


def _keep_as_note(unit: Unit, conversation: Conversation, agent_id: int | None, text: str, at: datetime) -> None:
    """Whoever has gone reads no drafts: their team finds what they wrote in a note."""
    note = Note(conversation_id=conversation.id, agent_id=agent_id, text=text, created_at=at)
    unit.session.add(note)
    unit.session.flush()
    index_note(unit.connection, conversation_id=conversation.id, note_id=note.id, people="", body=text)
