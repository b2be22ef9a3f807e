"""How far messages of ours came, as their provider tells: delivered, read, or refused after it had taken them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from app.models import Conversation, DeliveryState, Direction, Message
from app.plugin_api.updates import DeliveryUpdate, DeliveryWord
from app.redaction import masked
from app.services.core import Unit
from app.services.outcomes import give_up
from app.services.update_targets import NotThereYet, conversation_of_thread, named_message, touched

__all__ = ["apply_delivery"]

_ON_ITS_WAY = (DeliveryState.QUEUED, DeliveryState.SENDING)
_CLOCKS_DIFFER = timedelta(seconds=2)
"""We write down that a message was sent a moment after the provider does."""
_NO_REASON = "The provider could not deliver it."


def apply_delivery(unit: Unit, account_id: int, said: DeliveryUpdate) -> tuple[int | None, int, bool]:
    """Note what is said of one message, or of all in an exchange that were sent up to a moment. Gives the message's id, the
    conversation's, and whether anything is different now. Raises `NotThereYet`."""
    if said.external_id:
        message = named_message(unit, account_id, said.external_id, direction=Direction.OUTBOUND)
        if message.delivery_state in _ON_ITS_WAY:
            raise NotThereYet("The message it is about is still being sent.")
        return message.id, message.conversation_id, _apply_to_one(unit, message, said)
    assert said.thread_key is not None
    conversation = conversation_of_thread(unit, account_id, said.thread_key)
    return None, conversation.id, _apply_to_all(unit, conversation, said)


def _apply_to_one(unit: Unit, message: Message, said: DeliveryUpdate) -> bool:
    """That it got there outweighs that it failed, whichever is told first; that it was read outweighs that it was delivered."""
    if said.word is DeliveryWord.FAILED:
        return _fail(unit, message, said)
    is_known = message.read_at if said.word is DeliveryWord.READ else message.delivered_at
    if is_known is not None:
        return False
    if said.word is DeliveryWord.READ:
        message.read_at, message.delivery_state = said.at, DeliveryState.READ
    else:
        message.delivered_at = said.at
        if message.delivery_state != DeliveryState.READ:
            message.delivery_state = DeliveryState.DELIVERED
    message.last_error = ""
    touched(unit, message.conversation_id)
    return True


def _fail(unit: Unit, message: Message, said: DeliveryUpdate) -> bool:
    if message.delivery_state != DeliveryState.SENT:
        return False
    give_up(unit, message, masked(said.reason) or _NO_REASON)
    return True


def _apply_to_all(unit: Unit, conversation: Conversation, said: DeliveryUpdate) -> bool:
    is_ours = (Message.conversation_id == conversation.id) & (Message.direction == Direction.OUTBOUND)
    sent_by_then = is_ours & (Message.sent_at <= said.at + _CLOCKS_DIFFER)
    if said.word is DeliveryWord.FAILED:
        statement = select(Message).where(sent_by_then, Message.delivery_state == DeliveryState.SENT)
        failed = [_fail(unit, message, said) for message in unit.session.scalars(statement.with_for_update()).all()]
        return any(failed)
    values, is_new = _reached(said)
    changed = bool(unit.connection.execute(update(Message).where(sent_by_then, is_new).values(**values)).rowcount)
    if changed:
        unit.changed("conversation", id=conversation.id, number=conversation.number)
    elif _is_one_on_its_way(unit, is_ours & (Message.created_at <= said.at)):
        raise NotThereYet("The message it is about is still being sent.")
    return changed


def _reached(said: DeliveryUpdate) -> tuple[dict[str, Any], ColumnElement[bool]]:
    """The columns to write, and for which messages they are news."""
    if said.word is DeliveryWord.READ:
        states = (DeliveryState.SENT, DeliveryState.DELIVERED)
        return {"delivery_state": DeliveryState.READ, "read_at": said.at}, Message.delivery_state.in_(states)
    values = {"delivery_state": DeliveryState.DELIVERED, "delivered_at": said.at}
    return values, Message.delivery_state == DeliveryState.SENT


def _is_one_on_its_way(unit: Unit, condition: ColumnElement[bool]) -> bool:
    being_sent = or_(
        Message.delivery_state == DeliveryState.SENDING,
        (Message.delivery_state == DeliveryState.QUEUED) & (Message.lease_owner != ""),
    )
    return unit.connection.execute(select(Message.id).where(condition, being_sent).limit(1)).first() is not None
