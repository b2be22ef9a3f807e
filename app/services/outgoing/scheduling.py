"""Answers that leave later: written now, sent at a moment an agent chose, changed or cancelled until then.

What happens at that moment, and when the contact writes before, stands in `app.services.outgoing.leaving`.
"""

from dataclasses import replace
from datetime import datetime

from app.domain.roles import Permission
from app.errors import Conflict
from app.models import Conversation, DeliveryState, Message
from app.services.conversation_rows import add_activity
from app.services.core import Actor, Core, Unit, require, writing
from app.services.drafts import give_back
from app.services.outgoing.drafts import ReplyDraft, check_moment
from app.services.outgoing.leaving import count_from_now
from app.services.outgoing.rows import take_out, wake_for
from app.services.outgoing.taking_back import locked_outbound
from app.services.replies import reply

__all__ = ["cancel", "reschedule", "schedule", "send_now"]


def schedule(
    core: Core, actor: Actor, conversation_id: int, draft: ReplyDraft, at: datetime, *, cancels_on_reply: bool = False
) -> int:
    """Queue a reply that leaves at a moment (aware). Until then nothing else of the conversation changes. With `cancels_on_reply` it stays
    here when the contact writes before: automatic answers do not count. Returns the message's id.

    Raises as `replies.reply` does, and `InvalidInput` for a moment that has passed or is more than a year away.
    """
    return reply(core, actor, conversation_id, replace(draft, at=at, cancels_on_reply=cancels_on_reply))


def cancel(core: Core, actor: Actor, message_id: int) -> str:
    """Take a scheduled message out; its text and files go to the draft of whoever cancels it, below what stands there. Returns the text.
    Raises `Conflict` when it is on its way, `NotFound` without the message."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        message = _waiting(unit, message_id)
        conversation = unit.session.get_one(Conversation, message.conversation_id, with_for_update=True)
        data = _moment_data(message)
        text, files = take_out(unit, conversation, message)
        if actor.agent_id is not None:
            give_back(unit, text, files, agent_id=actor.agent_id, conversation_id=conversation.id)
        names = [file.filename for file in files[:10]]
        add_activity(unit, conversation.id, "unscheduled", actor, {**data, "files": names, "text": text})
        return text


def send_now(core: Core, actor: Actor, message_id: int) -> None:
    """Let a scheduled message leave at once, whoever has written since. Raises `Conflict` when it is on its way already."""
    require(actor, Permission.ANSWER)
    with writing(core) as unit:
        message = _waiting(unit, message_id)
        message.cancels_on_reply = False
        _move_to(unit, message, unit.now)


def reschedule(
    core: Core, actor: Actor, message_id: int, at: datetime, *, cancels_on_reply: bool | None = None
) -> None:
    """Let a scheduled message leave at another moment; None leaves the condition as it is. What the contact wrote before it was set does
    not count. Raises as `schedule` and `cancel` do."""
    require(actor, Permission.ANSWER)
    check_moment(at, core.clock.now(), "at")
    with writing(core) as unit:
        message = _waiting(unit, message_id)
        if cancels_on_reply and not message.cancels_on_reply:
            count_from_now(unit, message)
        if cancels_on_reply is not None:
            message.cancels_on_reply = cancels_on_reply
        add_activity(unit, message.conversation_id, "rescheduled", actor, {"at": at.isoformat()})
        _move_to(unit, message, at)


def _waiting(unit: Unit, message_id: int) -> Message:
    """A scheduled message, locked. Raises `Conflict` when it is none any more."""
    message = locked_outbound(unit, message_id)
    if message.scheduled_at is None or message.delivery_state != DeliveryState.QUEUED:
        raise Conflict("It is too late: the message is on its way.")
    return message


def _move_to(unit: Unit, message: Message, at: datetime) -> None:
    message.scheduled_at = message.due_at = at
    conversation = unit.session.get_one(Conversation, message.conversation_id)
    unit.changed("conversation", id=conversation.id, number=conversation.number)
    wake_for(unit, message.id, at)


def _moment_data(message: Message) -> dict[str, str]:
    return {"at": message.scheduled_at.isoformat()} if message.scheduled_at else {}
