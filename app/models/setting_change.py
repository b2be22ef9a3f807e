"""The history of settings: who changed what of a plugin or an account, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import BigId, Id, Json, UTCDateTime

__all__ = ["SettingChange"]


class SettingChange(db.Model):
    """One changed setting. `account_id` is None for plugin-wide settings. Of a secret only that it changed is kept: both values are None
    and `is_secret` says why."""

    __tablename__ = "setting_change"
    __table_args__ = (Index("ix_setting_change_of", "plugin", "account_id", "id"),)

    id: Mapped[Id]
    plugin: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("channel_account.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    before: Mapped[Any] = mapped_column(Json, nullable=True)
    after: Mapped[Any] = mapped_column(Json, nullable=True)
    is_secret: Mapped[bool] = mapped_column(default=False)
    agent_name: Mapped[str] = mapped_column(String(120), default="")
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
