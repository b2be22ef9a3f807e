"""How plugins fare over all processes: open breakers, what their hooks cost, what they missed, samples, and where two collide."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.types import Id, Json, UTCDateTime

__all__ = ["HookSample", "MissedEvent", "PluginBreaker", "PluginConflict", "PluginCost"]


class PluginBreaker(db.Model):
    """A hook of a plugin that rests in every process until `rests_until`; the row goes when a call succeeds again."""

    __tablename__ = "plugin_breaker"

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    rests_until: Mapped[datetime] = mapped_column(UTCDateTime)
    times_opened: Mapped[int] = mapped_column(Integer, default=1)
    last_error: Mapped[str] = mapped_column(String(1000), default="")


class MissedEvent(db.Model):
    """An announcement a plugin did not get, because it failed or rested. `state` is kept, or due once somebody asked for a replay; the
    worker that replays it holds it until `leased_until`.

    `arguments` are the hook's arguments as JSON; `payload_version` says in which shape.
    """

    __tablename__ = "missed_event"
    __table_args__ = (
        Index("ix_missed_event_of_plugin", "plugin", "hook", "id"),
        Index("ix_missed_event_due", "state", "id"),
    )

    id: Mapped[Id]
    plugin: Mapped[str] = mapped_column(String(40))
    hook: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]] = mapped_column(Json)
    payload_version: Mapped[int] = mapped_column(Integer, default=1)
    reason: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    state: Mapped[str] = mapped_column(String(12), default="kept")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PluginCost(db.Model):
    """What a hook (or page, webhook, job …) of a plugin cost in one period of five minutes, summed over all processes."""

    __tablename__ = "plugin_cost"

    plugin: Mapped[str] = mapped_column(String(40), primary_key=True)
    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    period_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True, index=True)
    calls: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    slowest_s: Mapped[float] = mapped_column(Float, default=0.0)
    slow_calls: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    skipped: Mapped[int] = mapped_column(Integer, default=0)
    queries: Mapped[int] = mapped_column(Integer, default=0)
    http_calls: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(String(1000), default="")
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class HookSample(db.Model):
    """The last call of a hook that was looked at: its arguments as text, personal data masked."""

    __tablename__ = "hook_sample"

    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    payload: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class PluginConflict(db.Model):
    """Two plugins that got in each other's way while running: `first` changed `field` of a filtered value, `second` changed it again."""

    __tablename__ = "plugin_conflict"

    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    field: Mapped[str] = mapped_column(String(80), primary_key=True)
    first: Mapped[str] = mapped_column(String(40), primary_key=True)
    second: Mapped[str] = mapped_column(String(40), primary_key=True)
    times: Mapped[int] = mapped_column(Integer, default=0)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
