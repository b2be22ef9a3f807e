"""Lines the system wrote: what happened in a conversation, and what administrators did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, Json, UTCDateTime

__all__ = ["Activity", "AuditEntry"]


class Activity(db.Model):
    """A change of a conversation and who made it; `agent_id` is None when nobody did. `data` holds small values for the sentence."""

    __tablename__ = "activity"

    id: Mapped[Id]
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("agent.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditEntry(db.Model):
    """Who did what to people, accounts, plugins and data. Never changed and never holds a secret."""

    __tablename__ = "audit_entry"

    id: Mapped[Id]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    agent_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("agent.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200), default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    __table_args__ = (Index("ix_audit_entry_action", "action", "id"),)
