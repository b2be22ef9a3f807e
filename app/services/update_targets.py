"""What updates are about: the message or the conversation a provider names."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from app.models import Conversation, Message, MessageDelivery
from app.services.core import Unit
from app.services.threads import living_conversation

__all__ = ["NotThereYet", "conversation_of_thread", "named_message", "touched"]


@dataclass(frozen=True, slots=True)
class NotThereYet(Exception):
    """What is needed has not come yet; the sentence says what. The event waits and is tried again."""

    reason: str


def named_message(unit: Unit, account_id: int, external_id: str, *, direction: str | None = None) -> Message:
    """The message of an account that has this id at the provider, locked. Raises `NotThereYet`."""
    here = select(MessageDelivery.id).where(
        MessageDelivery.message_id == Message.id, MessageDelivery.account_id == account_id
    )
    statement = (
        select(Message)
        .where(Message.external_id == external_id, or_(Message.account_id == account_id, here.exists()))
        .order_by(Message.id.desc())
        .limit(1)
    )
    if direction is not None:
        statement = statement.where(Message.direction == direction)
    found = unit.session.scalars(statement.with_for_update(), execution_options={"populate_existing": True}).first()
    if found is None:
        raise NotThereYet("The message it is about is not here.")
    return found


def conversation_of_thread(unit: Unit, account_id: int, thread_key: str) -> Conversation:
    """The newest conversation of an exchange, locked. Raises `NotThereYet`."""
    statement = (
        select(Conversation)
        .where(Conversation.account_id == account_id, Conversation.thread_key == thread_key)
        .order_by(Conversation.id.desc())
        .limit(1)
        .with_for_update()
    )
    found = unit.session.scalars(statement, execution_options={"populate_existing": True}).first()
    if found is not None and found.merged_into_id is not None:
        living = living_conversation(unit.connection, found.merged_into_id)
        found = unit.session.get(Conversation, living, with_for_update=True, populate_existing=True) if living else None
    if found is None:
        raise NotThereYet("The conversation it is about is not here.")
    return found


def touched(unit: Unit, conversation_id: int) -> Conversation:
    """The conversation, locked and read anew; open browsers are told that it changed."""
    unit.session.flush()
    conversation = unit.session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    unit.changed("conversation", id=conversation.id, number=conversation.number)
    return conversation
