"""What came and went through each channel account, and what still waits, for the page *Channel health*."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import Session, scoped_session

from app.models import Conversation, DeliveryState, Direction, EventState, InboundEvent, Message

__all__ = ["Traffic", "account_traffic"]

_NEWEST_MESSAGES = 20_000
_IN_OUTBOX = (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Traffic:
    """`events_waiting` stand in the journal to be processed, `undelivered` in the tray; `messages_waiting` in the outbox. `refused_*`: the
    newest message that could not be sent, and the number of its conversation."""

    events_waiting: int = 0
    undelivered: int = 0
    messages_waiting: int = 0
    last_sent_at: datetime | None = None
    refused_at: datetime | None = None
    refused_because: str = ""
    refused_number: int | None = None


def account_traffic(session: Session | scoped_session[Session]) -> Mapping[int, Traffic]:
    """By account; none for accounts without any. What was sent is looked for among the newest twenty thousand messages. Two queries."""
    found: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    for account_id, kind, count in session.execute(_WAITING):
        found[account_id][kind] = count
    for row in session.execute(_SENT):
        found[row.account_id] |= {
            "last_sent_at": row.last_sent_at,
            "refused_at": row.created_at,
            "refused_because": row.last_error or "",
            "refused_number": row.number,
        }
    return {account_id: Traffic(**values) for account_id, values in found.items()}


def _events(kind: str, state: EventState):
    statement = select(InboundEvent.account_id, literal(kind), func.count()).where(InboundEvent.state == state)
    return statement.group_by(InboundEvent.account_id)


_WAITING = union_all(
    _events("events_waiting", EventState.RECEIVED),
    _events("undelivered", EventState.UNDELIVERED),
    select(Message.account_id, literal("messages_waiting"), func.count())
    .where(Message.delivery_state.in_(_IN_OUTBOX), Message.scheduled_at.is_(None))
    .group_by(Message.account_id),
)
_newest = (
    select(Message.id, Message.account_id, Message.direction, Message.sent_at, Message.delivery_state)
    .order_by(Message.id.desc())
    .limit(_NEWEST_MESSAGES)
    .subquery()
)
_HAS_FAILED = _newest.c.delivery_state == DeliveryState.FAILED
_LEFT = _newest.c.sent_at.is_not(None) & ~_HAS_FAILED & _newest.c.delivery_state.not_in(_IN_OUTBOX)
_by_account = (
    select(
        _newest.c.account_id,
        func.max(case((_LEFT, _newest.c.sent_at))).label("last_sent_at"),
        func.max(case((_HAS_FAILED, _newest.c.id))).label("refused_id"),
    )
    .where(_newest.c.direction == Direction.OUTBOUND)
    .group_by(_newest.c.account_id)
    .subquery()
)
_SENT = (
    select(
        _by_account.c.account_id,
        _by_account.c.last_sent_at,
        Message.created_at,
        Message.last_error,
        Conversation.number,
    )
    .outerjoin_from(_by_account, Message, Message.id == _by_account.c.refused_id)
    .outerjoin(Conversation, Conversation.id == Message.conversation_id)
)
