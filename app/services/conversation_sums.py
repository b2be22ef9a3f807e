"""What a conversation's row says of its messages, worked out anew after messages were moved. Inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.domain.text import preview_of
from app.models import Attachment, Conversation, ConversationSeen, Direction, Message, Status
from app.plugin_api.messages import MessageKind
from app.services.core import Unit

__all__ = ["message_ids", "recount", "see_together", "share_seen"]

_WAITING_KINDS = (MessageKind.NORMAL, MessageKind.LIST)


def recount(unit: Unit, conversation: Conversation) -> None:
    """Count the messages; find the newest moment, the preview, whether there are files, and since when somebody waits. The conversation
    has a message at least."""
    of_it = Message.conversation_id == conversation.id
    count, newest = unit.session.execute(select(func.count(), func.max(Message.created_at)).where(of_it)).one()
    conversation.message_count = count
    conversation.active_at = newest or conversation.active_at
    conversation.preview = _preview(unit, conversation.id)
    conversation.has_attachments = _has_files(unit, conversation.id)
    is_over = conversation.status in (Status.RESOLVED, Status.SPAM)
    conversation.waiting_since = None if is_over else _waiting_since(unit, conversation.id)
    unit.changed("conversation", id=conversation.id, number=conversation.number)


def message_ids(unit: Unit, conversation_id: int) -> list[int]:
    """The messages of a conversation in the order in which they came."""
    statement = select(Message.id).where(Message.conversation_id == conversation_id).order_by(Message.id)
    return list(unit.session.scalars(statement))


def see_together(unit: Unit, source_id: int, into_id: int) -> None:
    """Before two conversations become one: each agent has seen of it what they have seen of both."""
    seen = _seen(unit, source_id)
    there = {one.agent_id: one for one in _seen(unit, into_id)}
    for one in seen:
        if one.agent_id in there:
            there[one.agent_id].message_count += one.message_count
        else:
            _put_seen(unit, one.agent_id, into_id, one.message_count)
        unit.session.delete(one)
    unit.session.flush()


def share_seen(unit: Unit, source_id: int, into_id: int, moved: Sequence[int]) -> None:
    """Before messages move: each agent has seen them in their new place if they have seen them in the old one."""
    in_order = message_ids(unit, source_id)
    there = {one.agent_id: one for one in _seen(unit, into_id)}
    for one in _seen(unit, source_id):
        count = len(set(in_order[: one.message_count]).intersection(moved))
        one.message_count -= count
        if one.agent_id in there:
            there[one.agent_id].message_count += count
        elif count:
            _put_seen(unit, one.agent_id, into_id, count)
    unit.session.flush()


def _seen(unit: Unit, conversation_id: int) -> Sequence[ConversationSeen]:
    statement = select(ConversationSeen).where(ConversationSeen.conversation_id == conversation_id)
    return unit.session.scalars(statement.execution_options(populate_existing=True)).all()


def _put_seen(unit: Unit, agent_id: int, conversation_id: int, count: int) -> None:
    unit.session.add(ConversationSeen(agent_id=agent_id, conversation_id=conversation_id, message_count=count))


def _preview(unit: Unit, conversation_id: int) -> str:
    said = func.coalesce(Message.reply_text, Message.text)
    statement = (
        select(func.substr(said, 1, 2_000))
        .where(Message.conversation_id == conversation_id, Message.is_automatic.is_(False), said != "")
        .order_by(Message.id.desc())
        .limit(1)
    )
    return preview_of(unit.session.scalar(statement) or "")


def _has_files(unit: Unit, conversation_id: int) -> bool:
    statement = (
        select(Attachment.id)
        .join(Message, Message.id == Attachment.message_id)
        .where(Message.conversation_id == conversation_id, Attachment.is_inline.is_(False))
        .limit(1)
    )
    return unit.session.execute(statement).first() is not None


def _waiting_since(unit: Unit, conversation_id: int) -> datetime | None:
    """The oldest message that came after the last one that somebody here wrote."""
    of_it = Message.conversation_id == conversation_id
    is_answer = (Message.direction == Direction.OUTBOUND) & Message.is_automatic.is_(False)
    last_answer = select(func.coalesce(func.max(Message.id), 0)).where(of_it, is_answer).scalar_subquery()
    statement = select(func.min(Message.created_at)).where(
        of_it,
        Message.direction == Direction.INBOUND,
        Message.kind.in_(_WAITING_KINDS),
        Message.id > last_answer,
    )
    return unit.session.scalar(statement)
