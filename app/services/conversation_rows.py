"""Making and changing conversation rows with everything that hangs on them: counters, activity, the feed. No transaction of its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.events import ConversationSummary
from app.models import Activity, Contact, ContactIdentity, Conversation, Status
from app.plugin_api.messages import Participant
from app.services.core import Actor, Unit, insert_row
from app.services.counting import count_move, counters_of, next_number, state_counters

__all__ = ["add_activity", "change_facets", "create_conversation", "set_status", "summary_of"]

_INSERT_CONVERSATION = insert(Conversation.__table__)


def create_conversation(
    unit: Unit,
    *,
    account_id: int,
    channel: str,
    contact_id: int,
    subject: str,
    status: str = Status.OPEN,
    team_id: int | None = None,
    assignee_id: int | None = None,
    thread_key: str | None = None,
    **first_message: Any,
) -> tuple[int, int]:
    """A new conversation with the next number, counted and shown. Returns its id and number.

    `first_message`: the columns its first message would change, where that is known already.
    """
    number = next_number(unit.connection)
    values = {
        "number": number,
        "subject": subject,
        "status": status,
        "channel": channel,
        "account_id": account_id,
        "contact_id": contact_id,
        "team_id": team_id,
        "assignee_id": assignee_id,
        "thread_key": thread_key[:320] if thread_key else None,
        "created_at": unit.now,
        "active_at": unit.now,
        **first_message,
    }
    conversation_id = insert_row(unit.connection, _INSERT_CONVERSATION, values)
    count_move(unit.counts, (), counters_of(status, assignee_id, account_id, team_id))
    unit.changed("conversation", id=conversation_id, number=number)
    return conversation_id, number


def change_facets(unit: Unit, conversation: Conversation, **values: Any) -> None:
    """Set status, assignee or team and keep the counters true."""
    before = state_counters(conversation)
    for name, value in values.items():
        setattr(conversation, name, value)
    count_move(unit.counts, before, state_counters(conversation))
    unit.changed("conversation", id=conversation.id, number=conversation.number)


def set_status(
    unit: Unit, conversation: Conversation, status: str, *, actor: Actor | None, until: datetime | None = None
) -> None:
    """Move a conversation to a status and write the activity. Nothing happens when it stands there already."""
    if conversation.status == status and conversation.snoozed_until == until:
        return
    change_facets(unit, conversation, status=status)
    conversation.snoozed_until = until if status == Status.SNOOZED else None
    conversation.resolved_at = unit.now if status == Status.RESOLVED else None
    if status in (Status.RESOLVED, Status.SPAM):
        conversation.waiting_since = None
    data = {"status": str(status), **({"until": until.isoformat()} if until else {})}
    add_activity(unit, conversation.id, "status", actor, data)


def add_activity(
    unit: Unit, conversation_id: int, kind: str, actor: Actor | None, data: dict[str, Any] | None = None
) -> None:
    """Write one line of what happened."""
    agent_id = actor.agent_id if actor else None
    unit.session.add(
        Activity(conversation_id=conversation_id, agent_id=agent_id, kind=kind, data=data or {}, created_at=unit.now)
    )


def summary_of(session: Session, conversation: Conversation, address: Participant | None = None) -> ConversationSummary:
    """The conversation as plugins see it."""
    contact = session.get(Contact, conversation.contact_id)
    value = address.value if address else None
    if value is None:
        value = session.scalar(
            select(ContactIdentity.value).where(ContactIdentity.contact_id == conversation.contact_id).limit(1)
        )
    return ConversationSummary(
        id=conversation.id,
        number=conversation.number,
        subject=conversation.subject,
        status=conversation.status,
        channel=conversation.channel,
        account_id=conversation.account_id,
        contact_id=conversation.contact_id,
        contact_name=contact.name if contact else "",
        contact_address=value or "",
        created_at=conversation.created_at,
    )
