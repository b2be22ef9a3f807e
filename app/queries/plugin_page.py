"""What the database knows of one plugin: the last hour in detail, what rests, what it missed, its jobs, and who changed its settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, scoped_session

from app.models import MissedEvent, PluginBreaker, PluginCost, PluginJob, SettingChange
from app.queries.plugins import HOUR

__all__ = [
    "BreakerFacts",
    "ChangeFacts",
    "JobFacts",
    "MissedFacts",
    "PeriodCost",
    "job_facts",
    "missed_events",
    "open_breakers",
    "period_costs",
    "setting_changes",
]


@dataclass(frozen=True, slots=True)
class PeriodCost:
    """What one part of a plugin cost in the five minutes from `period_at` on."""

    hook: str
    period_at: datetime
    calls: int
    seconds: float
    slowest_s: float
    slow_calls: int
    failures: int
    skipped: int
    queries: int
    http_calls: int


@dataclass(frozen=True, slots=True)
class BreakerFacts:
    """A part that rests in every process until `rests_until`."""

    hook: str
    opened_at: datetime
    rests_until: datetime
    times_opened: int
    last_error: str


@dataclass(frozen=True, slots=True)
class MissedFacts:
    """Announcements of one hook that were not delivered: how many are kept and how many due again, since when, and why the last was not."""

    hook: str
    kept: int
    due: int
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class JobFacts:
    """The record of a repeated job."""

    name: str
    due_at: datetime
    ran_at: datetime | None
    ran_s: float
    runs: int
    failures: int
    last_error: str


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """One changed setting; of a secret both values are None."""

    key: str
    before: Any
    after: Any
    is_secret: bool
    agent_name: str
    changed_at: datetime


def period_costs(session: Session | scoped_session, plugin: str, now: datetime) -> list[PeriodCost]:
    """The last hour of a plugin in pieces of five minutes, oldest first. One query."""
    columns = [getattr(PluginCost, name) for name in PeriodCost.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(PluginCost.plugin == plugin, PluginCost.period_at > now - HOUR)
        .order_by(PluginCost.period_at, PluginCost.hook)
    )
    return [PeriodCost(*row) for row in session.execute(statement)]


def open_breakers(session: Session | scoped_session, plugin: str) -> list[BreakerFacts]:
    """The parts of a plugin that rest. One query."""
    columns = [getattr(PluginBreaker, name) for name in BreakerFacts.__dataclass_fields__]
    statement = select(*columns).where(PluginBreaker.plugin == plugin).order_by(PluginBreaker.hook)
    return [BreakerFacts(*row) for row in session.execute(statement)]


def missed_events(session: Session | scoped_session, plugin: str) -> list[MissedFacts]:
    """What a plugin missed, by hook. One query."""
    last = (
        select(MissedEvent.hook, func.max(MissedEvent.id).label("id"))
        .where(MissedEvent.plugin == plugin)
        .group_by(MissedEvent.hook)
        .subquery()
    )
    kept = func.sum(case((MissedEvent.state == "kept", 1), else_=0))
    due = func.sum(case((MissedEvent.state == "due", 1), else_=0))
    reason = func.max(case((MissedEvent.id == last.c.id, MissedEvent.reason), else_=""))
    statement = (
        select(MissedEvent.hook, kept, due, func.min(MissedEvent.created_at), reason)
        .join(last, last.c.hook == MissedEvent.hook)
        .where(MissedEvent.plugin == plugin)
        .group_by(MissedEvent.hook)
        .order_by(MissedEvent.hook)
    )
    return [MissedFacts(hook, int(a), int(b), since, why) for hook, a, b, since, why in session.execute(statement)]


def job_facts(session: Session | scoped_session, plugin: str) -> dict[str, JobFacts]:
    """The records of a plugin's jobs by name. One query."""
    columns = [getattr(PluginJob, name) for name in JobFacts.__dataclass_fields__]
    rows = session.execute(select(*columns).where(PluginJob.plugin == plugin))
    return {row[0]: JobFacts(*row) for row in rows}


def setting_changes(
    session: Session | scoped_session, plugin: str, *, account_id: int | None = None, most: int = 30
) -> list[ChangeFacts]:
    """Who changed the settings of one of its accounts, or the plugin-wide ones, newest first. One query."""
    columns = [getattr(SettingChange, name) for name in ChangeFacts.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(SettingChange.plugin == plugin, SettingChange.account_id == account_id)
        .order_by(SettingChange.id.desc())
        .limit(most)
    )
    return [ChangeFacts(*row) for row in session.execute(statement)]
