"""How what a server holds compares with what is here, account by account."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Json, UTCDateTime

__all__ = ["Reconciliation"]


class Reconciliation(db.Model):
    """The last comparison of an account and the next that is wanted. `places` are rows of place, on_server, here and missing; `gaps` the
    first messages that are missing, with key, place, at, size, sender and subject. While one is under way its lease is held, and
    `looked_at`, `to_fetch` and `fetched` say how far it is; everything else stays until it is through."""

    __tablename__ = "reconciliation"

    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("channel_account.id", ondelete="CASCADE"), primary_key=True
    )
    wanted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    wants_repair: Mapped[bool] = mapped_column(Boolean, default=False)
    lease_owner: Mapped[str] = mapped_column(String(80), default="")
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    on_server: Mapped[int] = mapped_column(Integer, default=0)
    here: Mapped[int] = mapped_column(Integer, default=0)
    undelivered: Mapped[int] = mapped_column(Integer, default=0)
    gone: Mapped[int] = mapped_column(Integer, default=0)
    missing: Mapped[int] = mapped_column(Integer, default=0)
    repaired: Mapped[int] = mapped_column(Integer, default=0)
    places: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    problem: Mapped[str] = mapped_column(String(1000), default="")
    looked_at: Mapped[int] = mapped_column(Integer, default=0)
    to_fetch: Mapped[int] = mapped_column(Integer, default=0)
    fetched: Mapped[int] = mapped_column(Integer, default=0)
