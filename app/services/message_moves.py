"""Moving messages from one conversation into another with everything that hangs on them: files, search, counters, tags, drafts, what agents
have seen, what was learnt. Inside the caller's transaction, which holds both conversations locked. Who may and when stands in
`app.services.rethreading`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.models import (
    Activity,
    Conversation,
    Direction,
    Draft,
    Message,
    Note,
    SearchEntry,
    Status,
    Tag,
    conversation_tag,
)
from app.services.conversation_rows import add_activity, announce_change, change_facets, set_status
from app.services.conversation_sums import message_ids, recount, see_together, share_seen
from app.services.core import Actor, Unit
from app.services.counting import count_move, count_tag, state_counters, upsert
from app.services.drafts import give_back
from app.services.outgoing.files import files_of_draft
from app.services.thread_rules import hand_over

__all__ = ["absorb", "bring_back", "put_reasons_back", "transfer"]

_MOVED, _MERGED, _FIRST = "moved", "merged", "new"
"""Why a message is in its conversation, as `Message.joined_by` has it."""


def transfer(unit: Unit, moved: Sequence[int], source: Conversation, into: Conversation) -> list[list[Any]]:
    """Move some messages. `source` keeps one at least. Returns what `put_reasons_back` needs: (id, why it was in `source`, by which
    message)."""
    share_seen(unit, source.id, into.id, moved)
    reasons = _reasons(unit, moved)
    _put(unit, Message, moved, into.id)
    is_moved_alone = Message.id.in_(moved) & (Message.direction == Direction.INBOUND)
    others = select(Message.id).where(Message.id.in_(moved))
    unit.connection.execute(
        update(Message)
        .where(is_moved_alone, Message.joined_by_id.is_(None) | Message.joined_by_id.not_in(others))
        .values(joined_by=_MOVED, joined_by_id=None)
    )
    recount(unit, source)
    recount(unit, into)
    return reasons


def put_reasons_back(unit: Unit, reasons: Sequence[Sequence[Any]]) -> None:
    """Say of messages again why they are in their conversation."""
    for message_id, joined_by, joined_by_id in reasons:
        values = {"joined_by": joined_by, "joined_by_id": joined_by_id}
        unit.connection.execute(update(Message).where(Message.id == message_id).values(**values))


def absorb(unit: Unit, source: Conversation, into: Conversation, *, actor: Actor | None, kind: str = "merged") -> None:
    """Move everything of a conversation into another. What is left of it only leads there: it is neither listed nor counted.

    The activity `kind` of `into` holds what `bring_back` needs.
    """
    unit.session.flush()
    data = _inventory(unit, source)
    see_together(unit, source.id, into.id)
    for table in (Message, Note, Activity, SearchEntry):
        in_source = update(table).where(table.conversation_id == source.id)
        unit.connection.execute(in_source.values(conversation_id=into.id))
    is_first = (Message.id.in_(data["messages"])) & (Message.joined_by == _FIRST)
    unit.connection.execute(update(Message).where(is_first).values(joined_by=_MERGED))
    _hand_over_drafts(unit, source.id, into.id)
    data["tags_added"] = _hand_over_tags(unit, source, into)
    hand_over(unit, source.id, into.id)
    _take_over(unit, source, into, actor)
    _leave_lists(unit, source, into)
    add_activity(unit, into.id, kind, actor, data)
    add_activity(unit, source.id, "merged_into", actor, {"number": into.number})
    recount(unit, into)
    unit.session.flush()


def bring_back(unit: Unit, source: Conversation, into: Conversation, data: Mapping[str, Any]) -> bool:
    """Undo `absorb` for what still is where it was put. Returns False, and changes nothing, when no message is, or when none would stay."""
    all_there = message_ids(unit, into.id)
    moved = [i for i in all_there if i in set(data["messages"])]
    if not moved or len(moved) == len(all_there):
        return False
    share_seen(unit, into.id, source.id, moved)
    for table, ids in ((Message, moved), (Note, data["notes"]), (Activity, data["activities"])):
        _put(unit, table, ids, source.id)
    is_merged = Message.id.in_(moved) & (Message.joined_by == _MERGED)
    unit.connection.execute(update(Message).where(is_merged).values(joined_by=_FIRST))
    source.merged_into_id, source.assignee_id = None, data["assignee_id"]
    source.status = Status.OPEN if data["status"] == Status.SNOOZED else data["status"]
    source.resolved_at = unit.now if source.status == Status.RESOLVED else None
    count_move(unit.counts, (), state_counters(source))
    _put_tags(unit, source, data["tags"])
    _take_tags(unit, into, data["tags_added"])
    recount(unit, source)
    recount(unit, into)
    unit.session.flush()
    return True


# ---- rows
_FOUND_BY: dict[type, InstrumentedAttribute] = {Message: SearchEntry.message_id, Note: SearchEntry.note_id}


def _put(unit: Unit, table: type[Message] | type[Note] | type[Activity], ids: Sequence[int], place: int) -> None:
    """Put rows, and what they are found by, into a conversation."""
    if not ids:
        return
    unit.connection.execute(update(table).where(table.id.in_(ids)).values(conversation_id=place))
    found_by = _FOUND_BY.get(table)
    if found_by is not None:
        unit.connection.execute(update(SearchEntry).where(found_by.in_(ids)).values(conversation_id=place))


def _inventory(unit: Unit, source: Conversation) -> dict[str, Any]:
    """What a conversation holds, and how it stands."""

    def ids(table: type[Note] | type[Activity]) -> list[int]:
        return list(unit.session.scalars(select(table.id).where(table.conversation_id == source.id)))

    return {
        "number": source.number,
        "with": source.id,
        "messages": message_ids(unit, source.id),
        "notes": ids(Note),
        "activities": ids(Activity),
        "tags": _tags(unit, source.id),
        "status": str(source.status),
        "assignee_id": source.assignee_id,
    }


def _reasons(unit: Unit, moved: Sequence[int]) -> list[list[Any]]:
    statement = select(Message.id, Message.joined_by, Message.joined_by_id).where(Message.id.in_(moved))
    return [list(row) for row in unit.connection.execute(statement.order_by(Message.id))]


def _leave_lists(unit: Unit, source: Conversation, into: Conversation) -> None:
    count_move(unit.counts, state_counters(source), ())
    source.status, source.resolved_at, source.merged_into_id = Status.RESOLVED, unit.now, into.id
    source.snoozed_until, source.waiting_since, source.message_count = None, None, 0
    unit.changed("conversation", id=source.id, number=source.number)


def _take_over(unit: Unit, source: Conversation, into: Conversation, actor: Actor | None) -> None:
    """What was to be done is to be done still: the more urgent state and priority hold, and who had it keeps it."""
    if _URGENCY.get(source.status, 0) > _URGENCY.get(into.status, _NEVER):
        set_status(unit, into, _REOPENED_AS[source.status], actor=actor)
    into.priority = max(into.priority, source.priority)
    if into.assignee_id is None and source.assignee_id is not None:
        change_facets(unit, into, assignee_id=source.assignee_id)
    if into.team_id is None and source.team_id is not None:
        change_facets(unit, into, team_id=source.team_id)


_URGENCY: dict[str, int] = {Status.RESOLVED: 0, Status.PENDING: 1, Status.SNOOZED: 1, Status.OPEN: 2}
_NEVER = 9
"""What is in Spam stays there."""
_REOPENED_AS: dict[str, Status] = {
    Status.PENDING: Status.PENDING,
    Status.SNOOZED: Status.OPEN,
    Status.OPEN: Status.OPEN,
}


def _hand_over_drafts(unit: Unit, source_id: int, into_id: int) -> None:
    """What agents began to write goes along, below what they began there."""
    drafts = select(Draft.agent_id, Draft.text).where(Draft.conversation_id == source_id)
    for agent_id, text in unit.connection.execute(drafts).all():
        files = files_of_draft(unit, agent_id=agent_id, conversation_id=source_id)
        give_back(unit, text, files, agent_id=agent_id, conversation_id=into_id)
    unit.connection.execute(delete(Draft).where(Draft.conversation_id == source_id))


def _tags(unit: Unit, conversation_id: int) -> list[int]:
    return list(unit.session.scalars(_TAGS.where(conversation_tag.c.conversation_id == conversation_id)))


_TAGS = select(conversation_tag.c.tag_id).order_by(conversation_tag.c.tag_id)


def _hand_over_tags(unit: Unit, source: Conversation, into: Conversation) -> list[int]:
    """Returns the tags that `into` did not have."""
    tags, there = _tags(unit, source.id), _tags(unit, into.id)
    added = [tag for tag in tags if tag not in there]
    _take_tags(unit, source, tags)
    _put_tags(unit, into, added)
    return added


def _put_tags(unit: Unit, conversation: Conversation, tags: Sequence[int]) -> None:
    edit = announce_change(unit, conversation)
    names = dict(unit.connection.execute(select(Tag.id, Tag.name).where(Tag.id.in_(tags))).all())
    for tag, name in names.items():
        link = upsert(unit.connection)(conversation_tag).values(conversation_id=conversation.id, tag_id=tag)
        put = unit.connection.execute(link.on_conflict_do_nothing().returning(conversation_tag.c.tag_id))
        if put.first() is not None:
            edit.tags_added.append(name)
            count_tag(unit.counts, tag, 1)


def _take_tags(unit: Unit, conversation: Conversation, tags: Sequence[int]) -> None:
    here = conversation_tag.c.conversation_id == conversation.id
    for tag in tags:
        if unit.connection.execute(delete(conversation_tag).where(here, conversation_tag.c.tag_id == tag)).rowcount:
            count_tag(unit.counts, tag, -1)
