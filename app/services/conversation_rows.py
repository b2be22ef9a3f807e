"""Making and changing conversation rows with everything that hangs on them: counters, activity, the feed, what plugins are told. No
transaction of its own."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.domain.events import ConversationChanged, ConversationSummary
from app.models import Activity, Contact, ContactIdentity, Conversation, Status, Tag, conversation_tag
from app.plugin_api.messages import Participant
from app.services.core import Actor, Unit, insert_row
from app.services.counting import count_move, count_tag, counters_of, next_number, state_counters, upsert

__all__ = [
    "ConversationEdit",
    "add_activity",
    "announce_change",
    "change_facets",
    "create_conversation",
    "put_tag",
    "set_status",
    "summary_of",
    "take_tag",
]

_INSERT_CONVERSATION = insert(Conversation.__table__)


@dataclass(slots=True)
class ConversationEdit:
    """A conversation as it stood before a transaction changed it, and what happens to its tags."""

    conversation: Conversation
    status_before: str
    assignee_before: int | None
    tags_added: list[str] = field(default_factory=list)
    tags_removed: list[str] = field(default_factory=list)


def create_conversation(
    unit: Unit,
    *,
    account_id: int,
    channel: str,
    contact_id: int,
    subject: str,
    status: str = Status.OPEN,
    team_id: int | None = None,
    assignee_id: int | None = None,
    thread_key: str | None = None,
    **first_message: Any,
) -> tuple[int, int]:
    """A new conversation with the next number, counted and shown. Returns its id and number.

    `first_message`: the columns its first message would change, where that is known already.
    """
    number = next_number(unit.connection)
    values = {
        "number": number,
        "subject": subject,
        "status": status,
        "channel": channel,
        "account_id": account_id,
        "contact_id": contact_id,
        "team_id": team_id,
        "assignee_id": assignee_id,
        "thread_key": thread_key[:320] if thread_key else None,
        "created_at": unit.now,
        "active_at": unit.now,
        **first_message,
    }
    conversation_id = insert_row(unit.connection, _INSERT_CONVERSATION, values)
    count_move(unit.counts, (), counters_of(status, assignee_id, account_id, team_id))
    unit.opened.add(conversation_id)
    unit.changed("conversation", id=conversation_id, number=number, contact_id=contact_id)
    return conversation_id, number


def announce_change(unit: Unit, conversation: Conversation, *, is_from_provider: bool = False) -> ConversationEdit:
    """Announce `conversation_changed` once, with what stands there at the time of the call as what was before: the verbs of this file
    call it ahead of each change. Nothing is announced, and nothing asked of the database, when no plugin listens, when nothing is
    different in the end, or when the conversation was opened in the same transaction."""
    key = (conversation.id, is_from_provider)
    if key not in unit.edits:
        unit.edits[key] = ConversationEdit(conversation, conversation.status, conversation.assignee_id)
        if conversation.id not in unit.opened and unit.is_heard("conversation_changed"):
            unit.at_end(partial(_announce_edit, unit, unit.edits[key], is_from_provider))
    return unit.edits[key]


def change_facets(unit: Unit, conversation: Conversation, *, is_from_provider: bool = False, **values: Any) -> None:
    """Set status, assignee or team, keep the counters true and announce it."""
    announce_change(unit, conversation, is_from_provider=is_from_provider)
    before = state_counters(conversation)
    for name, value in values.items():
        setattr(conversation, name, value)
    count_move(unit.counts, before, state_counters(conversation))
    told = {"id": conversation.id, "number": conversation.number, "contact_id": conversation.contact_id}
    unit.changed("conversation", **told)


def set_status(
    unit: Unit,
    conversation: Conversation,
    status: str,
    *,
    actor: Actor | None,
    until: datetime | None = None,
    is_from_provider: bool = False,
    said_at: datetime | None = None,
) -> None:
    """Move a conversation to a status and write the activity; `said_at`: when a provider says it was done. Nothing happens when it stands
    there already."""
    if conversation.status == status and conversation.snoozed_until == until:
        return
    change_facets(unit, conversation, status=status, is_from_provider=is_from_provider)
    conversation.snoozed_until = until if status == Status.SNOOZED else None
    conversation.resolved_at = unit.now if status == Status.RESOLVED else None
    if status in (Status.RESOLVED, Status.SPAM):
        conversation.waiting_since = None
    moments = {"until": until, "at": said_at}
    data = {"status": str(status), **{name: moment.isoformat() for name, moment in moments.items() if moment}}
    add_activity(unit, conversation.id, "status", actor, data)


def put_tag(
    unit: Unit, conversation: Conversation, name: str, *, actor: Actor | None, is_from_provider: bool = False
) -> None:
    """Put a tag on a conversation, made when there is none of this name (at most 60 small letters, not empty), and write the activity.
    Nothing happens where it is already."""
    edit = announce_change(unit, conversation, is_from_provider=is_from_provider)
    tag_id = _tag_id(unit, name)
    link = upsert(unit.connection)(conversation_tag).values(conversation_id=conversation.id, tag_id=tag_id)
    put = unit.connection.execute(link.on_conflict_do_nothing().returning(conversation_tag.c.tag_id))
    if put.first() is not None:
        edit.tags_added.append(name)
        count_tag(unit.counts, tag_id, 1)
        add_activity(unit, conversation.id, "tagged", actor, {"tag": name})
        unit.changed("conversation", id=conversation.id, number=conversation.number)


def take_tag(
    unit: Unit, conversation: Conversation, name: str, *, actor: Actor | None, is_from_provider: bool = False
) -> None:
    """Take a tag off a conversation and write the activity. Nothing happens where it is not."""
    edit = announce_change(unit, conversation, is_from_provider=is_from_provider)
    tag_id = unit.session.scalar(select(Tag.id).where(Tag.name == name))
    matches = (conversation_tag.c.conversation_id == conversation.id) & (conversation_tag.c.tag_id == tag_id)
    if tag_id is not None and unit.connection.execute(delete(conversation_tag).where(matches)).rowcount:
        edit.tags_removed.append(name)
        count_tag(unit.counts, tag_id, -1)
        add_activity(unit, conversation.id, "untagged", actor, {"tag": name})
        unit.changed("conversation", id=conversation.id, number=conversation.number)


def add_activity(
    unit: Unit, conversation_id: int, kind: str, actor: Actor | None, data: dict[str, Any] | None = None
) -> None:
    """Write one line of what happened."""
    agent_id = actor.agent_id if actor else None
    unit.session.add(
        Activity(conversation_id=conversation_id, agent_id=agent_id, kind=kind, data=data or {}, created_at=unit.now)
    )


def summary_of(session: Session, conversation: Conversation, address: Participant | None = None) -> ConversationSummary:
    """The conversation as plugins see it."""
    contact = session.get(Contact, conversation.contact_id)
    value = address.value if address else None
    if value is None:
        value = session.scalar(
            select(ContactIdentity.value).where(ContactIdentity.contact_id == conversation.contact_id).limit(1)
        )
    return ConversationSummary(
        id=conversation.id,
        number=conversation.number,
        subject=conversation.subject,
        status=conversation.status,
        channel=conversation.channel,
        account_id=conversation.account_id,
        contact_id=conversation.contact_id,
        contact_name=contact.name if contact else "",
        contact_address=value or "",
        created_at=conversation.created_at,
    )


def _announce_edit(unit: Unit, edit: ConversationEdit, is_from_provider: bool) -> None:
    """What is different at the end of the transaction, in one announcement. A tag that was put on and taken off again is not."""
    conversation = edit.conversation
    is_moved = (conversation.status, conversation.assignee_id) != (edit.status_before, edit.assignee_before)
    added = tuple(name for name in edit.tags_added if name not in edit.tags_removed)
    removed = tuple(name for name in edit.tags_removed if name not in edit.tags_added)
    if is_moved or added or removed:
        change = ConversationChanged(
            conversation=summary_of(unit.session, conversation),
            status_before=edit.status_before,
            tags_added=added,
            tags_removed=removed,
            assignee_id=conversation.assignee_id,
            thread_key=conversation.thread_key,
            is_from_provider=is_from_provider,
        )
        unit.announce("conversation_changed", change=change)


def _tag_id(unit: Unit, name: str) -> int:
    statement = upsert(unit.connection)(Tag.__table__).values(name=name).on_conflict_do_nothing()
    unit.connection.execute(statement)
    return unit.session.execute(select(Tag.id).where(Tag.name == name)).scalar_one()
