"""What agents do with conversations: status, assignment, team, priority, tags, notes, drafts. Each verb is one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import InvalidInput, NotFound
from app.models import PRIORITIES, Agent, Conversation, Direction, Draft, Message, Note, Status, Team
from app.services.conversation_rows import add_activity, change_facets, put_tag, set_status, take_tag
from app.services.core import Actor, Core, Unit, require, writing
from app.services.drafts import put_draft
from app.services.indexing import index_note
from app.services.outgoing.drafts import LONGEST, KeptFiles, NewFile
from app.services.outgoing.files import goes_along, keep_files, store_file, tick_files

__all__ = [
    "PRIORITIES",
    "add_note",
    "add_tag",
    "assign",
    "move_to_team",
    "remove_tag",
    "reopen",
    "resolve",
    "save_draft",
    "set_pending",
    "set_priority",
    "snooze",
    "spam",
    "wake_snoozed",
]

Ids = Sequence[int]


def resolve(core: Core, actor: Actor, ids: Ids) -> int:
    """Mark conversations as done. Returns how many there were."""
    return _each(core, actor, ids, lambda unit, c: set_status(unit, c, Status.RESOLVED, actor=actor))


def reopen(core: Core, actor: Actor, ids: Ids) -> int:
    """Open conversations again, also those in Spam ("not spam")."""
    return _each(core, actor, ids, lambda unit, c: set_status(unit, c, Status.OPEN, actor=actor))


def set_pending(core: Core, actor: Actor, ids: Ids) -> int:
    """Mark conversations as waiting for the contact."""
    return _each(core, actor, ids, lambda unit, c: set_status(unit, c, Status.PENDING, actor=actor))


def spam(core: Core, actor: Actor, ids: Ids) -> int:
    """Move conversations to Spam."""
    return _each(core, actor, ids, lambda unit, c: set_status(unit, c, Status.SPAM, actor=actor))


def snooze(core: Core, actor: Actor, ids: Ids, until: datetime) -> int:
    """Hide conversations until a moment; a message from the contact wakes them earlier. Raises `InvalidInput` for a past moment."""
    if until <= core.clock.now():
        raise InvalidInput("Choose a moment in the future.", {"until": "This moment has passed."})
    return _each(core, actor, ids, lambda unit, c: set_status(unit, c, Status.SNOOZED, actor=actor, until=until))


def wake_snoozed(core: Core, limit: int = 200) -> int:
    """Open snoozed conversations whose moment has come. Returns how many. Nothing is written when there are none."""
    is_due = (Conversation.status == Status.SNOOZED) & (Conversation.snoozed_until <= core.clock.now())
    statement = select(Conversation).where(is_due).order_by(Conversation.id).limit(limit)
    has_due = core.session.execute(select(Conversation.id).where(is_due).limit(1)).first() is not None
    core.session.rollback()
    if not has_due:
        return 0
    with writing(core) as unit:
        due = unit.session.execute(statement.with_for_update(skip_locked=True)).scalars().all()
        unanswered = _unanswered(unit, [conversation.id for conversation in due])
        for conversation in due:
            set_status(unit, conversation, Status.OPEN, actor=None)
            if conversation.id in unanswered:
                add_activity(unit, conversation.id, "no_answer", None)
        return len(due)


def _unanswered(unit: Unit, ids: Ids) -> set[int]:
    """Those of the conversations in which nobody but us said the last word, and it has left."""
    said = Message.conversation_id.in_(ids) & Message.kind.in_(("normal", "list")) & ~Message.is_automatic
    newest = select(func.max(Message.id)).where(said, Message.scheduled_at.is_(None)).group_by(Message.conversation_id)
    ours = select(Message.conversation_id).where(Message.id.in_(newest), Message.direction == Direction.OUTBOUND)
    return set(unit.session.scalars(ours))


def assign(core: Core, actor: Actor, ids: Ids, agent_id: int | None) -> int:
    """Give conversations to an agent, or to nobody. Raises `InvalidInput` when the agent cannot take them."""

    def change(unit: Unit, conversation: Conversation) -> None:
        agent = unit.session.get(Agent, agent_id) if agent_id is not None else None
        if agent_id is not None and (agent is None or not agent.active):
            raise InvalidInput("This agent cannot take conversations.", {"assignee": "Choose another agent."})
        if conversation.assignee_id != agent_id:
            change_facets(unit, conversation, assignee_id=agent_id)
            data = {"to": agent.name or agent.email} if agent else {}
            add_activity(unit, conversation.id, "assigned" if agent else "unassigned", actor, data)

    return _each(core, actor, ids, change)


def move_to_team(core: Core, actor: Actor, ids: Ids, team_id: int | None) -> int:
    """Hand conversations to a team, or to none. Raises `InvalidInput` when it does not exist."""

    def change(unit: Unit, conversation: Conversation) -> None:
        team = unit.session.get(Team, team_id) if team_id is not None else None
        if team_id is not None and team is None:
            raise InvalidInput("This team does not exist.", {"team": "Choose another team."})
        if conversation.team_id != team_id:
            change_facets(unit, conversation, team_id=team_id)
            add_activity(unit, conversation.id, "team", actor, {"to": team.name if team else ""})

    return _each(core, actor, ids, change)


def set_priority(core: Core, actor: Actor, ids: Ids, priority: int) -> int:
    """Set the priority, 0 (low) to 3 (urgent)."""
    if priority not in range(len(PRIORITIES)):
        raise InvalidInput("Unknown priority.", {"priority": "Choose low, normal, high or urgent."})

    def change(unit: Unit, conversation: Conversation) -> None:
        if conversation.priority != priority:
            conversation.priority = priority
            add_activity(unit, conversation.id, "priority", actor, {"to": PRIORITIES[priority]})
            unit.changed("conversation", id=conversation.id, number=conversation.number)

    return _each(core, actor, ids, change)


def add_tag(core: Core, actor: Actor, ids: Ids, name: str) -> int:
    """Put a tag on conversations; it is made when it is new. Raises `InvalidInput` for an empty name."""
    name = clean_line(name, 60).lower()
    if not name:
        raise InvalidInput("Give the tag a name.", {"tag": "A name is needed."})

    return _each(core, actor, ids, lambda unit, c: put_tag(unit, c, name, actor=actor))


def remove_tag(core: Core, actor: Actor, ids: Ids, name: str) -> int:
    """Take a tag off conversations. Nothing happens where it was not."""
    return _each(core, actor, ids, lambda unit, c: take_tag(unit, c, name.lower(), actor=actor))


def add_note(core: Core, actor: Actor, conversation_id: int, text: str) -> int:
    """Write a note that only agents see. Returns its id. Raises `InvalidInput` when it is empty."""
    require(actor, Permission.ANSWER)
    if not text.strip():
        raise InvalidInput("There is nothing in this note yet.", {"text": "Write something first."})
    with writing(core) as unit:
        conversation = unit.session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None or conversation.merged_into_id is not None:
            raise NotFound("This conversation does not exist.")
        note = Note(conversation_id=conversation_id, agent_id=actor.agent_id, text=text[:200_000], created_at=unit.now)
        unit.session.add(note)
        unit.session.flush()
        index_note(unit.connection, conversation_id=conversation_id, note_id=note.id, people=actor.name, body=note.text)
        unit.changed("conversation", id=conversation.id, number=conversation.number)
        return note.id


def save_draft(
    core: Core,
    actor: Actor,
    conversation_id: int,
    text: str | None,
    *,
    files: Sequence[NewFile] = (),
    kept: KeptFiles = KeptFiles(),
) -> None:
    """Keep what the agent has begun to write: a text (None leaves what stands there), new files, and which of those that are kept go along.
    An empty text without any file throws it away."""
    require(actor, Permission.ANSWER)
    stored = [store_file(core, file) for file in files]
    with writing(core) as unit:
        conversation = unit.session.get(Conversation, conversation_id)
        if conversation is None or conversation.merged_into_id is not None:
            raise NotFound("This conversation does not exist.")
        key: dict[str, Any] = {"agent_id": actor.agent_id, "conversation_id": conversation_id}
        tick_files(unit, kept, **key)
        if stored or (text or "").strip():
            put_draft(unit, **key, text=text[:LONGEST] if text is not None else None)
            keep_files(unit, stored, **key)
        elif text is not None and goes_along(unit, **key):
            put_draft(unit, **key, text="")
        elif text is not None:
            unit.session.execute(delete(Draft).filter_by(**key))


def _each(core: Core, actor: Actor, ids: Ids, change: Callable[[Unit, Conversation], None]) -> int:
    """Apply a change to conversations in one transaction. Raises `NotFound` when one that was asked for alone is not there."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        is_there = Conversation.id.in_(list(ids)) & Conversation.merged_into_id.is_(None)
        statement = select(Conversation).where(is_there).order_by(Conversation.id)
        found = unit.session.execute(statement.with_for_update()).scalars().all()
        if len(ids) == 1 and not found:
            raise NotFound("This conversation does not exist.")
        for conversation in found:
            change(unit, conversation)
        return len(found)
