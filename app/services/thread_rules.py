"""What agents teach about threads when they move messages: later answers follow them, and nothing brings them back. Inside the caller's
transaction; `app.services.threads` reads it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, or_, select, update

from app.models import Conversation, Message, MessageReference, ThreadRule
from app.services.core import Unit
from app.services.counting import upsert

__all__ = ["are_kept_apart", "forget", "hand_over", "learn"]


def learn(unit: Unit, moved: Sequence[int], *, home: int, left: int) -> None:
    """Answers to the moved messages, and to what only they name, belong to the conversation `home` and not to the one they left."""
    rows = [
        {"external_id": one, "conversation_id": place, "is_apart": place == left, "created_at": unit.now}
        for one in sorted(_ids_of(unit, moved))
        for place in (home, left)
    ]
    if rows:
        statement = upsert(unit.connection)(ThreadRule.__table__)
        told = {"is_apart": statement.excluded.is_apart, "created_at": statement.excluded.created_at}
        unit.connection.execute(
            statement.on_conflict_do_update(index_elements=["external_id", "conversation_id"], set_=told), rows
        )


def forget(unit: Unit, moved: Sequence[int], places: Iterable[int]) -> None:
    """Forget what was learnt of messages and these conversations."""
    ids = _ids_of(unit, moved)
    if ids:
        of_them = ThreadRule.external_id.in_(sorted(ids)) & ThreadRule.conversation_id.in_(list(places))
        unit.connection.execute(delete(ThreadRule).where(of_them))


def hand_over(unit: Unit, source_id: int, into_id: int) -> None:
    """What was learnt of a conversation holds for the one it was merged into, unless something is known of that already. That the two were
    to be kept apart is forgotten. Its messages are in the other one by now."""
    here = select(Message.external_id).where(Message.conversation_id == into_id)
    of_both = ThreadRule.conversation_id.in_([source_id, into_id])
    unit.connection.execute(
        delete(ThreadRule).where(of_both, ThreadRule.is_apart, ThreadRule.external_id.in_(here)),
    )
    known = select(ThreadRule.external_id).where(ThreadRule.conversation_id == into_id)
    of_source = ThreadRule.conversation_id == source_id
    unit.connection.execute(delete(ThreadRule).where(of_source, ThreadRule.external_id.in_(known)))
    unit.connection.execute(update(ThreadRule).where(of_source).values(conversation_id=into_id))


def are_kept_apart(unit: Unit, one: Conversation, other: Conversation) -> bool:
    """Whether an agent took messages of one of the conversations out of the other."""
    there = (ThreadRule.conversation_id == one.id) & (Message.conversation_id == other.id)
    here = (ThreadRule.conversation_id == other.id) & (Message.conversation_id == one.id)
    statement = (
        select(ThreadRule.id)
        .join(Message, Message.external_id == ThreadRule.external_id)
        .where(ThreadRule.is_apart, or_(there, here))
        .limit(1)
    )
    return unit.connection.execute(statement).first() is not None


def _ids_of(unit: Unit, message_ids: Sequence[int]) -> set[str]:
    """The ids of messages, and of the missing ones that they name."""
    of_them = list(message_ids)
    own = select(Message.external_id).where(Message.id.in_(of_them), Message.external_id != "")
    is_here = select(Message.id).where(Message.external_id == MessageReference.reference).exists()
    missing = select(MessageReference.reference).where(MessageReference.message_id.in_(of_them), ~is_here)
    return set(unit.session.scalars(own)) | set(unit.session.scalars(missing))
