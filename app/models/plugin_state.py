"""What the host remembers about plugins: switched on or off, agreed to, settings, jobs, and the small values plugins keep."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Json, UTCDateTime

__all__ = ["PluginJob", "PluginState", "PluginValue"]


class PluginState(db.Model):
    """One known plugin. Shipped plugins are active unless somebody switched them off; others are inactive until switched on.

    `granted` lists what its owner agreed to: names of permissions, and "host:api.example.com" for each server. `settings` are
    plugin-wide, `secrets` encrypted as for accounts. `snapshot` is the file name of the archive made before the last update.
    """

    __tablename__ = "plugin_state"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[str] = mapped_column(String(40), default="")
    is_active: Mapped[bool] = mapped_column(Boolean, default=False)
    granted: Mapped[list[str]] = mapped_column(Json, default=list)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    secrets: Mapped[str] = mapped_column(Text, default="")
    snapshot: Mapped[str] = mapped_column(String(200), default="")
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


class PluginJob(db.Model):
    """When a repeated job of a plugin is due and how its last run went. One worker at a time holds its lease."""

    __tablename__ = "plugin_job"

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    lease_owner: Mapped[str] = mapped_column(String(80), default="")
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ran_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ran_s: Mapped[float] = mapped_column(Float, default=0.0)
    runs: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(String(1000), default="")
