"""Taking back what has not left yet, and trying again what did not get there."""

from datetime import datetime

from sqlalchemy import select

from app.domain.roles import Permission
from app.domain.text import preview_of
from app.errors import Conflict, NotFound
from app.models import Conversation, DeliveryState, Direction, Message, Status
from app.services.conversation_rows import add_activity, change_facets
from app.services.core import Actor, Core, Unit, require, writing
from app.services.drafts import give_back
from app.services.outgoing.rows import take_out

__all__ = ["locked_outbound", "retry", "undo"]

_CAN_BE_TRIED = (DeliveryState.FAILED, DeliveryState.RETURNED, DeliveryState.QUEUED)


def undo(core: Core, actor: Actor, message_id: int) -> str:
    """Take back a reply that has not left yet; its text and files go back into the agent's draft. Returns the text.

    Raises `Conflict` when it is too late, `NotFound` without the message.
    """
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        message = locked_outbound(unit, message_id)
        if message.delivery_state != DeliveryState.QUEUED or message.attempts or message.last_error:
            raise Conflict("It is too late: the message is on its way.")
        if message.scheduled_at is not None:
            raise Conflict("This message leaves later. Cancel it instead.")
        if message.agent_id != actor.agent_id:
            raise Conflict("Only its author can take a message back.")
        conversation = unit.session.get_one(Conversation, message.conversation_id, with_for_update=True)
        before = message.undo
        text, files = take_out(unit, conversation, message)
        _restore(unit, conversation, before)
        if actor.agent_id is not None:
            give_back(unit, text, files, agent_id=actor.agent_id, conversation_id=conversation.id)
        add_activity(unit, conversation.id, "taken_back", actor)
        return text


def retry(core: Core, actor: Actor, message_id: int) -> None:
    """Try a failed message again, now. Raises `Conflict` when it has not failed and is not waiting for another attempt."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        message = locked_outbound(unit, message_id)
        if message.delivery_state not in _CAN_BE_TRIED or message.scheduled_at is not None:
            raise Conflict("This message is not waiting to be sent.")
        message.delivery_state = DeliveryState.QUEUED
        message.due_at, message.leased_until, message.attempts = unit.now, None, 0
        add_activity(unit, message.conversation_id, "retried", actor)
        conversation = unit.session.get_one(Conversation, message.conversation_id)
        unit.changed("conversation", id=conversation.id, number=conversation.number)
        unit.wake("deliver", message.id)


def locked_outbound(unit: Unit, message_id: int) -> Message:
    """A message of ours, locked. Raises `NotFound`. Whoever locks its conversation too does so afterwards."""
    message = unit.session.get(Message, message_id, with_for_update=True)
    if message is None or message.direction != Direction.OUTBOUND:
        raise NotFound("This message does not exist.")
    return message


def _restore(unit: Unit, conversation: Conversation, before: dict | None) -> None:
    if before is None:
        return
    change_facets(unit, conversation, status=before["status"], assignee_id=before["assignee_id"])
    conversation.waiting_since = _moment(before["waiting_since"])
    conversation.snoozed_until = _moment(before.get("snoozed_until"))
    conversation.resolved_at = unit.now if before["status"] == Status.RESOLVED else None
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.direction == Direction.INBOUND)
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = unit.session.execute(statement).scalar_one_or_none()
    if last is not None:
        conversation.preview = preview_of(last.reply_text if last.reply_text is not None else last.text)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
