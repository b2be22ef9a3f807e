"""The Undelivered tray: events of the journal that wait for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import EventState, InboundEvent
from app.queries.paging import Position, Slice, cut, id_cursor, parse_id

__all__ = ["UndeliveredFacts", "undelivered_event", "undelivered_events"]


@dataclass(frozen=True, slots=True)
class UndeliveredFacts:
    """An event that could not become a message, and why."""

    id: int
    account_id: int
    received_at: datetime
    payload_sha256: str
    size: int
    content_type: str
    meta: Mapping[str, Any]
    reason: str
    attempts: int
    state: str


_COLUMNS = tuple(getattr(InboundEvent, name) for name in UndeliveredFacts.__dataclass_fields__)


def undelivered_events(
    session: Session | scoped_session, *, position: Position = Position(), size: int = 40
) -> Slice[UndeliveredFacts]:
    """One page of the tray, newest first. One query."""
    statement = select(*_COLUMNS).where(InboundEvent.state == EventState.UNDELIVERED)
    if position.text:
        limit = parse_id(position.text)
        statement = statement.where(InboundEvent.id > limit if position.is_backwards else InboundEvent.id < limit)
    order = InboundEvent.id.asc() if position.is_backwards else InboundEvent.id.desc()
    found = [UndeliveredFacts(*row) for row in session.execute(statement.order_by(order).limit(size + 1))]
    return cut(found, size, position, lambda row: id_cursor(row.id))


def undelivered_event(session: Session | scoped_session, event_id: int) -> UndeliveredFacts | None:
    """One event of the tray, or None when somebody has dealt with it."""
    statement = select(*_COLUMNS).where(InboundEvent.id == event_id, InboundEvent.state == EventState.UNDELIVERED)
    row = session.execute(statement).first()
    return UndeliveredFacts(*row) if row else None
