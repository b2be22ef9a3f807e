"""What agents taught about threads when they moved messages."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, UTCDateTime

__all__ = ["ThreadRule"]


class ThreadRule(db.Model):
    """Answers to the message with this id belong to the conversation; with `is_apart` nothing that goes by ids brings them there again."""

    __tablename__ = "thread_rule"

    id: Mapped[Id]
    external_id: Mapped[str] = mapped_column(String(500))
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    is_apart: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index("uq_thread_rule_external_id_conversation_id", "external_id", "conversation_id", unique=True),
    )
