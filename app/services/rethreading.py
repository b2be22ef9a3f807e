"""What agents do when messages stand in the wrong conversation: split them off, move them, merge two conversations, and put the last of
this back. Each verb is one transaction, shows in both conversations, and is learnt: later answers follow.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from app.domain.roles import Permission
from app.errors import Conflict, InvalidInput, NotFound
from app.models import Activity, ChannelAccount, Conversation, Direction, Message, Status
from app.services.conversation_rows import add_activity, create_conversation, summary_of
from app.services.conversation_sums import message_ids as ids_in
from app.services.core import Actor, Core, Unit, require, writing
from app.services.deadlocks import repeated_after_deadlock
from app.services.message_moves import absorb, bring_back, put_reasons_back, transfer
from app.services.thread_rules import forget, learn

__all__ = ["RETHREADED", "merge", "move", "put_back", "split"]

RETHREADED = ("split_off", "split_from", "moved_out", "moved_in", "merged")
"""The kinds of activities that can be put back while they are the last of them in their conversation."""


@repeated_after_deadlock
def split(core: Core, actor: Actor, message_ids: Sequence[int]) -> int:
    """Open a conversation with messages of another one and return its number. Raises `NotFound` without the messages, `InvalidInput` when
    none would stay."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        source, moved = _messages(unit, message_ids)
        if len(moved) == source.message_count:
            raise InvalidInput("At least one message has to stay.")
        new = _open_beside(unit, source, moved)
        _move(unit, actor, moved, source, new, "split_off", "split_from")
        unit.announce("conversation_created", conversation=summary_of(unit.session, new), message=None)
        return new.number


@repeated_after_deadlock
def move(core: Core, actor: Actor, message_ids: Sequence[int], to_number: int) -> int:
    """Move messages into another conversation and return the number of the one they are in now. When all are moved the conversations are
    merged. Raises `NotFound`, `InvalidInput` when they are there already."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        source, moved = _messages(unit, message_ids, to_number)
        into = _other(unit, source, to_number)
        if len(moved) == source.message_count:
            absorb(unit, source, into, actor=actor)
        else:
            _move(unit, actor, moved, source, into, "moved_out", "moved_in")
        return into.number


@repeated_after_deadlock
def merge(core: Core, actor: Actor, number: int, into_number: int) -> int:
    """Merge a conversation into another and return that one's number; the address of the first leads there from now on. Raises `NotFound`,
    `InvalidInput` when both are the same."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        locked = _locked(unit, number, into_number)
        source = _of_number(locked, number)
        into = _other(unit, source, into_number)
        absorb(unit, source, into, actor=actor)
        return into.number


@repeated_after_deadlock
def put_back(core: Core, actor: Actor, number: int) -> int:
    """Undo the last splitting, moving or merging of a conversation. Returns the number of the conversation to look at. Raises `Conflict`
    when there is none or it cannot be undone any more."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        here, other, last = _last_step(unit, number)
        target = _UNDO[last.kind](unit, actor, here, other, last.data)
        _mark_undone(unit, last, other)
        return target.number


# ---- finding and locking
def _messages(unit: Unit, message_ids: Sequence[int], *numbers: int) -> tuple[Conversation, list[int]]:
    """The conversation that holds the messages, and their ids in order; it is locked together with those of `numbers`."""
    holding = select(Message.conversation_id).where(Message.id.in_(list(message_ids))).distinct()
    places = unit.session.scalars(holding).all()
    if len(places) != 1:
        raise NotFound("These messages are not in one conversation any more.")
    of_place = unit.session.scalar(select(Conversation.number).where(Conversation.id == places[0]))
    source = _of_number(_locked(unit, of_place or 0, *numbers), of_place or 0)
    moved = [i for i in ids_in(unit, source.id) if i in set(message_ids)]
    if len(moved) != len(set(message_ids)):
        raise NotFound("These messages are not in one conversation any more.")
    return source, moved


def _locked(unit: Unit, *numbers: int) -> Sequence[Conversation]:
    """Conversations, locked in the order of their ids, so that no two transactions wait for each other."""
    statement = select(Conversation).where(Conversation.number.in_(numbers)).order_by(Conversation.id)
    return unit.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).all()


def _of_number(locked: Sequence[Conversation], number: int) -> Conversation:
    found = next((one for one in locked if one.number == number), None)
    if found is None:
        raise NotFound("This conversation does not exist.")
    if found.merged_into_id is not None:
        raise Conflict("This conversation was merged into another one meanwhile.")
    return found


def _other(unit: Unit, source: Conversation, number: int) -> Conversation:
    if number == source.number:
        raise InvalidInput("Choose another conversation.", {"into": "It is this conversation already."})
    return _of_number(_locked(unit, number), number)


# ---- splitting and moving
def _open_beside(unit: Unit, source: Conversation, moved: Sequence[int]) -> Conversation:
    """A conversation for messages of another: of their writer where that is one person, through their account, as open as the other."""
    statement = select(Message).where(Message.id.in_(moved)).order_by(Message.id)
    messages = unit.session.scalars(statement.execution_options(populate_existing=True)).all()
    writers = {one.contact_id for one in messages if one.direction == Direction.INBOUND and one.contact_id}
    account = unit.session.get_one(ChannelAccount, messages[-1].account_id)
    is_newest = max(moved) == max(ids_in(unit, source.id))
    thread_key = source.thread_key if is_newest and account.id == source.account_id else None
    if thread_key is not None:
        source.thread_key = None
    conversation_id, _ = create_conversation(
        unit,
        account_id=account.id,
        channel=account.plugin,
        contact_id=writers.pop() if len(writers) == 1 else source.contact_id,
        subject=messages[0].subject or source.subject,
        status=source.status if source.status in (Status.RESOLVED, Status.SPAM) else Status.OPEN,
        team_id=source.team_id,
        assignee_id=source.assignee_id,
        thread_key=thread_key,
        is_apart=source.is_apart,
        priority=source.priority,
        resolved_at=source.resolved_at,
    )
    return unit.session.get_one(Conversation, conversation_id)


def _move(
    unit: Unit,
    actor: Actor,
    moved: Sequence[int],
    source: Conversation,
    into: Conversation,
    out_kind: str,
    in_kind: str,
) -> None:
    learn(unit, moved, home=into.id, left=source.id)
    reasons = transfer(unit, moved, source, into)
    data = {"count": len(moved), "messages": reasons, "step": secrets.token_hex(8)}
    add_activity(unit, source.id, out_kind, actor, {**data, "number": into.number, "with": into.id})
    add_activity(unit, into.id, in_kind, actor, {**data, "number": source.number, "with": source.id})


# ---- putting back
def _last_step(unit: Unit, number: int) -> tuple[Conversation, Conversation, Activity]:
    """The conversation, the other one of its last step, and that step; both are locked."""
    here = unit.session.scalar(select(Conversation.id).where(Conversation.number == number))
    step = _newest_step(unit, here or 0)
    other_id = step.data["with"] if step is not None else 0
    statement = select(Conversation).where(Conversation.id.in_([here or 0, other_id])).order_by(Conversation.id)
    rows = unit.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).all()
    found = {one.id: one for one in rows}
    last = _newest_step(unit, here or 0)
    if here not in found:
        raise NotFound("This conversation does not exist.")
    if step is None or last is None or last.id != step.id or last.data.get("is_undone") or other_id not in found:
        raise Conflict("There is nothing to put back.")
    return found[here], found[other_id], last


def _newest_step(unit: Unit, conversation_id: int) -> Activity | None:
    statement = (
        select(Activity)
        .where(Activity.conversation_id == conversation_id, Activity.kind.in_(RETHREADED))
        .order_by(Activity.id.desc())
        .limit(1)
    )
    return unit.session.scalars(statement.execution_options(populate_existing=True)).first()


def _join_again(
    unit: Unit, actor: Actor, old: Conversation, new: Conversation, data: Mapping[str, Any]
) -> Conversation:
    """What was split off comes back, with all that was written there since."""
    _refuse_changed(old, new)
    forget(unit, [one[0] for one in data["messages"]], (old.id, new.id))
    if new.thread_key and not old.thread_key and new.account_id == old.account_id:
        old.thread_key = new.thread_key
    absorb(unit, new, old, actor=actor, kind="put_back")
    there = Activity.conversation_id == old.id
    told = update(Activity).where(there, Activity.kind == "split_from", Activity.data["with"].as_integer() == old.id)
    unit.connection.execute(told.values(conversation_id=new.id))
    put_reasons_back(unit, data["messages"])
    return old


def _return(unit: Unit, actor: Actor, old: Conversation, new: Conversation, data: Mapping[str, Any]) -> Conversation:
    """What was moved goes back."""
    _refuse_changed(old, new)
    reasons = {one[0]: one for one in data["messages"]}
    there = ids_in(unit, new.id)
    moved = [i for i in there if i in reasons]
    if not moved or len(moved) == len(there):
        raise Conflict("It cannot be put back any more: the conversations have changed since.")
    forget(unit, moved, (old.id, new.id))
    transfer(unit, moved, new, old)
    put_reasons_back(unit, [reasons[i] for i in moved])
    add_activity(unit, old.id, "put_back", actor, {"number": new.number})
    add_activity(unit, new.id, "put_back", actor, {"number": old.number})
    return old


def _part_again(
    unit: Unit, actor: Actor, into: Conversation, source: Conversation, data: Mapping[str, Any]
) -> Conversation:
    """What was merged is two conversations again."""
    if into.merged_into_id is not None or source.merged_into_id != into.id or not bring_back(unit, source, into, data):
        raise Conflict("It cannot be put back any more: the conversations have changed since.")
    learn(unit, data["messages"], home=source.id, left=into.id)
    add_activity(unit, into.id, "put_back", actor, {"number": source.number})
    add_activity(unit, source.id, "put_back", actor, {"number": into.number})
    return source


def _refuse_changed(*conversations: Conversation) -> None:
    if any(one.merged_into_id is not None for one in conversations):
        raise Conflict("It cannot be put back any more: the conversations have changed since.")


_UNDO: dict[str, Callable[..., Conversation]] = {
    "split_off": _join_again,
    "split_from": lambda unit, actor, new, old, data: _join_again(unit, actor, old, new, data),
    "moved_out": _return,
    "moved_in": lambda unit, actor, new, old, data: _return(unit, actor, old, new, data),
    "merged": _part_again,
}


def _mark_undone(unit: Unit, last: Activity, other: Conversation) -> None:
    """The step is done with, in both conversations."""
    unit.session.flush()
    places = [last.conversation_id, other.id, last.data["with"]]
    at_once = Activity.kind.in_(RETHREADED) & (Activity.created_at == last.created_at)
    statement = select(Activity).where(at_once, Activity.conversation_id.in_(places))
    for one in unit.session.scalars(statement.execution_options(populate_existing=True)).all():
        if one.id == last.id or one.data.get("step") == last.data.get("step", ""):
            one.data = {**one.data, "is_undone": True}
