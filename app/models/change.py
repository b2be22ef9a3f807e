"""What the rest of the installation needs to hear of: the feed of changes, and counters kept with what they count."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Id, Json, UTCDateTime

__all__ = ["Change", "Counter"]


class Change(db.Model):
    """Something changed that open browsers may show. Written in the transaction that changed it; thrown away after an hour."""

    __tablename__ = "change"

    id: Mapped[Id]
    topic: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Counter(db.Model):
    """A number kept in the transaction that changes what it counts: "status:open", "agent:5:open", "arrived:2026-11-21"."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
