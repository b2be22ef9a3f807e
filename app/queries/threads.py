"""Messages as agents re-thread them: one with a few of its words, those that came after it, and where one is shown."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased, scoped_session

from app.errors import NotFound
from app.models import Activity, Conversation, Message, Note

__all__ = ["MessageFacts", "MessagePlace", "ids_from", "message_facts", "place_of"]

_EXCERPT = 300
_NOTHING_YET = 2**62


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A message of a conversation; `is_followed` by others."""

    id: int
    sender_name: str
    sender_value: str
    excerpt: str
    is_followed: bool


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """The conversation a message is in, and the cursor of the page of its timeline that ends with the message."""

    conversation_id: int
    number: int
    cursor: str


def message_facts(session: Session | scoped_session, conversation_id: int, message_id: int) -> MessageFacts:
    """Raises `NotFound` when the message is not in the conversation."""
    later = aliased(Message)
    is_followed = exists().where(later.conversation_id == conversation_id, later.id > Message.id)
    said = func.substr(func.coalesce(Message.reply_text, Message.text), 1, _EXCERPT)
    columns = (Message.id, Message.sender_name, Message.sender_value, said, is_followed)
    row = session.execute(select(*columns).where(_is_there(conversation_id, message_id))).first()
    if row is None:
        raise NotFound("This message is not in this conversation.")
    return MessageFacts(*row)


def ids_from(session: Session | scoped_session, conversation_id: int, message_id: int) -> list[int]:
    """A message and those of its conversation that came after it. Raises `NotFound` when it is not there."""
    of_it = select(Message.id).where(Message.conversation_id == conversation_id, Message.id >= message_id)
    ids = list(session.scalars(of_it.order_by(Message.id)))
    if not ids or ids[0] != message_id:
        raise NotFound("This message is not in this conversation.")
    return ids


def place_of(session: Session | scoped_session, message_id: int) -> MessagePlace:
    """Where a message is shown. Raises `NotFound`."""
    statement = (
        select(Message.conversation_id, Conversation.number, Message.created_at)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == message_id)
    )
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("This message does not exist.")
    behind = [
        session.scalar(
            select(func.min(table.id)).where(
                table.conversation_id == row.conversation_id, table.created_at > row.created_at
            )
        )
        for table in (Note, Activity)
    ]
    cursor = "~".join(str(one or _NOTHING_YET) for one in (message_id + 1, *behind))
    return MessagePlace(row.conversation_id, row.number, cursor)


def _is_there(conversation_id: int, message_id: int) -> ColumnElement[bool]:
    return (Message.id == message_id) & (Message.conversation_id == conversation_id)
