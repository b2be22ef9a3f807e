"""The journal of intake: everything that arrived, as it came."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, Json, UTCDateTime

__all__ = ["EventState", "InboundEvent"]


class EventState(StrEnum):
    """What became of an event. RECEIVED is still to be processed; UNDELIVERED waits for a person in the tray."""

    RECEIVED = "received"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    UNDELIVERED = "undelivered"
    DISCARDED = "discarded"


class InboundEvent(db.Model):
    """One raw event. Its bytes stand in the file storage under `payload_sha256`; few that somebody waited for stand in `payload` until
    they are processed. `source_key` is the provider's place of it."""

    __tablename__ = "inbound_event"

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("channel_account.id", ondelete="CASCADE"))
    source_key: Mapped[str | None] = mapped_column(String(320))
    content_type: Mapped[str] = mapped_column(String(120), default="")
    payload_sha256: Mapped[str] = mapped_column(String(64))
    payload: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int] = mapped_column(Integer, default=0)
    meta: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    files: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Further bytes: a name of the channel's choice to their sha256 in the file storage."""
    is_complete: Mapped[bool] = mapped_column(Boolean, default=True)
    """False while its channel has still to fetch what it only names."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(12), default=EventState.RECEIVED)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    processed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(String(1000), default="")

    __table_args__ = (
        Index("uq_inbound_event_account_id_source_key", "account_id", "source_key", unique=True),
        Index("ix_inbound_event_state", "state", "next_attempt_at", "id"),
    )
