"""What a provider says of messages that are there already, done in the transaction of `app.services.intake`. Saying it again, or in
another order, ends in the same."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.text import clean_line
from app.models import Activity, Conversation, EventState
from app.plugin_api.updates import (
    ConversationUpdate,
    DeliveryUpdate,
    MessageEdit,
    MessageRemoval,
    Reaction,
    Update,
)
from app.services.conversation_rows import add_activity, put_tag, set_status, take_tag
from app.services.core import Unit
from app.services.filing import tag_names
from app.services.intake_store import Stored
from app.services.message_changes import apply_edit, apply_reaction, apply_removal
from app.services.receipts import apply_delivery
from app.services.update_targets import conversation_of_thread, named_message

__all__ = ["apply_update"]

_RECENT = 50


def apply_update(unit: Unit, account_id: int, update: Update) -> Stored:
    """Do what an update says. What is known already counts as a duplicate. Raises `NotThereYet` when what it is about has not come."""
    unit.session.flush()
    message_id, conversation_id, is_new = _APPLIES[type(update)](unit, account_id, update)
    return Stored(EventState.PROCESSED if is_new else EventState.DUPLICATE, message_id, conversation_id)


def _apply_to_conversation(unit: Unit, account_id: int, said: ConversationUpdate) -> tuple[int | None, int, bool]:
    conversation = _conversation(unit, account_id, said)
    if said.status and not _is_overtaken(unit, conversation, said.at):
        set_status(unit, conversation, said.status, actor=None, is_from_provider=True, said_at=said.at)
    for name in tag_names(said.add_tags):
        put_tag(unit, conversation, name, actor=None, is_from_provider=True)
    for name in tag_names(said.remove_tags):
        take_tag(unit, conversation, name, actor=None, is_from_provider=True)
    if said.activity.strip():
        _write_activity(unit, conversation, said)
    return None, conversation.id, True


def _conversation(unit: Unit, account_id: int, said: ConversationUpdate) -> Conversation:
    if said.thread_key:
        return conversation_of_thread(unit, account_id, said.thread_key)
    conversation_id = named_message(unit, account_id, said.external_id).conversation_id
    return unit.session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)


def _is_overtaken(unit: Unit, conversation: Conversation, at: datetime) -> bool:
    """Whether the status was changed after the moment this one was set: by an agent, by a message, or by a later word of the provider."""
    statement = (
        select(Activity.created_at, Activity.data)
        .where(Activity.conversation_id == conversation.id, Activity.kind == "status")
        .order_by(Activity.id.desc())
        .limit(1)
    )
    last = unit.session.execute(statement).first()
    if last is None:
        return False
    return (datetime.fromisoformat(last.data["at"]) if "at" in last.data else last.created_at) > at


def _write_activity(unit: Unit, conversation: Conversation, said: ConversationUpdate) -> None:
    """Once, however often it is said."""
    data = {"text": clean_line(said.activity, 300), "at": said.at.isoformat()}
    statement = (
        select(Activity.data)
        .where(Activity.conversation_id == conversation.id, Activity.kind == "provider")
        .order_by(Activity.id.desc())
        .limit(_RECENT)
    )
    if data not in unit.session.scalars(statement).all():
        add_activity(unit, conversation.id, "provider", None, data)
        unit.changed("conversation", id=conversation.id, number=conversation.number)


_APPLIES: dict[type, Callable[[Unit, int, Any], tuple[int | None, int, bool]]] = {
    DeliveryUpdate: apply_delivery,
    MessageEdit: apply_edit,
    MessageRemoval: apply_removal,
    Reaction: apply_reaction,
    ConversationUpdate: _apply_to_conversation,
}
