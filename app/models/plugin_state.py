"""What the host remembers about plugins, and the small values plugins keep."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Json, UTCDateTime

__all__ = ["PluginState", "PluginValue"]


class PluginState(db.Model):
    """One known plugin. Shipped plugins are active unless somebody switched them off; others are inactive until switched on.

    `granted` lists the permissions its owner agreed to. `settings` are plugin-wide, `secrets` encrypted as for accounts.
    """

    __tablename__ = "plugin_state"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(40), default="")
    is_active: Mapped[bool] = mapped_column(Boolean, default=False)
    granted: Mapped[list[str]] = mapped_column(Json, default=list)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(String(1000), default="")
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PluginValue(db.Model):
    """A JSON value in a plugin's store."""

    __tablename__ = "plugin_value"

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
