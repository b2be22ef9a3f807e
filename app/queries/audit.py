"""The audit log, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import AuditEntry
from app.queries.paging import Position, Slice, cut, id_cursor, parse_id

__all__ = ["AuditFacts", "audit_entries"]


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """Who did what; `agent_id` None is the system."""

    id: int
    created_at: datetime
    agent_id: int | None
    action: str
    subject: str
    data: Mapping[str, Any]


def audit_entries(
    session: Session | scoped_session, *, area: str = "", agent_id: int | None = None,
    position: Position = Position(), size: int = 60,
) -> Slice[AuditFacts]:  # fmt: skip
    """One page of entries; `area` is the first part of an action ("account"). One query."""
    statement = select(*(getattr(AuditEntry, name) for name in AuditFacts.__dataclass_fields__))
    if area:
        statement = statement.where(AuditEntry.action.startswith(f"{area}.", autoescape=True))
    if agent_id is not None:
        statement = statement.where(AuditEntry.agent_id == agent_id)
    if position.text:
        limit = parse_id(position.text)
        statement = statement.where(AuditEntry.id > limit if position.is_backwards else AuditEntry.id < limit)
    order = AuditEntry.id.asc() if position.is_backwards else AuditEntry.id.desc()
    found = [AuditFacts(*row) for row in session.execute(statement.order_by(order).limit(size + 1))]
    return cut(found, size, position, lambda row: id_cursor(row.id))
