"""Conversations that a message which came late shows to be one exchange: they become one, in the transaction that stores the message."""

from collections.abc import Sequence

from sqlalchemy import select

from app.models import Conversation, Status
from app.services.core import Unit
from app.services.message_moves import absorb
from app.services.thread_rules import are_kept_apart

__all__ = ["merge_linked"]

_MOST = 5


def merge_linked(unit: Unit, conversation_id: int, also: Sequence[int]) -> int:
    """Merge the conversations that a message belongs to as much as to `conversation_id`, where all are with one contact, none is in Spam
    and no agent took them apart. Returns the one that the message goes to: the oldest of those that became one."""
    unit.session.flush()
    ids = [conversation_id, *also[:_MOST]]
    statement = select(Conversation).where(Conversation.id.in_(ids), Conversation.merged_into_id.is_(None))
    statement = statement.order_by(Conversation.id).with_for_update()
    found = unit.session.scalars(statement.execution_options(populate_existing=True)).all()
    chosen = next((one for one in found if one.id == conversation_id), None)
    if chosen is None or chosen.status == Status.SPAM:
        return conversation_id
    into = chosen
    for other in found:
        if other is chosen or other.status == Status.SPAM or other.contact_id != chosen.contact_id:
            continue
        if not are_kept_apart(unit, into, other):
            older, newer = sorted((into, other), key=lambda one: one.id)
            absorb(unit, newer, older, actor=None)
            into = older
    return into.id
