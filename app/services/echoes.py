"""Messages of ours that were written by another program than Tidings: who is on the other side of them, and what they answer."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from app.models import Conversation, DeliveryState, Direction, Message
from app.plugin_api.messages import InboundMessage, Participant

__all__ = ["answers_everything", "counterpart", "is_one_being_sent"]

_BEING_SENT = (
    select(Message.id)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(
        Message.account_id == bindparam("account_id"),
        or_(
            Message.delivery_state == DeliveryState.SENDING,
            (Message.delivery_state == DeliveryState.QUEUED) & (Message.lease_owner != ""),
        ),
        or_(
            Message.conversation_id == bindparam("conversation_id"), Conversation.contact_id == bindparam("contact_id")
        ),
    )
    .limit(1)
)
_WROTE_LATER = (
    select(Message.id)
    .where(
        Message.conversation_id == bindparam("conversation_id"),
        Message.direction == Direction.INBOUND,
        Message.sent_at > bindparam("sent_at"),
    )
    .limit(1)
)


def counterpart(message: InboundMessage) -> Participant:
    """The person outside of the house: who wrote, or who got what we wrote."""
    return message.to[0] if message.is_echo else message.sender


def is_one_being_sent(connection: Connection, account_id: int, contact_id: int, conversation_id: int | None) -> bool:
    """Whether a message to this contact is on its way, or may have left unnoticed: what came in may be the copy of it, and is known as
    one only when the provider's id of it is written down."""
    values = {"account_id": account_id, "contact_id": contact_id, "conversation_id": conversation_id}
    return connection.execute(_BEING_SENT, values).first() is not None


def answers_everything(connection: Connection, conversation_id: int, sent_at: datetime) -> bool:
    """Whether nobody wrote after this moment; messages come in any order."""
    values = {"conversation_id": conversation_id, "sent_at": sent_at}
    return connection.execute(_WROTE_LATER, values).first() is None
