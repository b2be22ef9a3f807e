"""What becomes of messages that are sent: given up with a reason that agents and plugins read. No transaction of its own."""

from app.domain.events import DeliveryFailed, MessageSummary
from app.domain.text import clean_line
from app.models import Conversation, DeliveryState, Direction, Message, Status
from app.services.conversation_rows import add_activity, set_status, summary_of
from app.services.core import Unit

__all__ = ["give_up", "outbound_summary"]


def give_up(unit: Unit, message: Message, reason: str) -> None:
    """The message did not get there and is not tried again by itself. Nobody looks after one that was scheduled: its conversation opens."""
    reason = clean_line(reason, 1000)
    message.delivery_state = DeliveryState.FAILED
    message.due_at, message.last_error = None, reason
    add_activity(unit, message.conversation_id, "delivery_failed", None, {"reason": reason[:300]})
    if message.plan is not None:
        conversation = unit.session.get_one(Conversation, message.conversation_id, with_for_update=True)
        if conversation.status != Status.SPAM:
            set_status(unit, conversation, Status.OPEN, actor=None)
    unit.announce("delivery_failed", failure=DeliveryFailed(outbound_summary(unit, message), reason))


def outbound_summary(unit: Unit, message: Message) -> MessageSummary:
    """The message as plugins see it; also tells open browsers that its conversation changed."""
    conversation = unit.session.get_one(Conversation, message.conversation_id)
    unit.changed("conversation", id=conversation.id, number=conversation.number)
    return MessageSummary(
        id=message.id,
        conversation=summary_of(unit.session, conversation),
        direction=Direction.OUTBOUND,
        kind=message.kind,
        external_id=message.external_id,
        text=message.text,
        is_first=False,
        is_automatic=message.is_automatic,
        accepts_auto_reply=False,
        raw_sha256=message.raw_sha256,
        created_at=message.created_at,
        account_id=message.account_id,
    )
