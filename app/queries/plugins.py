"""What the database knows of all plugins: what was decided, how they fare over all processes, and how many accounts each has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from app.models import ChannelAccount, PluginBreaker, PluginCost, PluginState

__all__ = ["HOUR", "HourCost", "PluginFacts", "hour_costs", "plugin_facts", "resting_hooks"]

HOUR = timedelta(hours=1)

_STATE_COLUMNS = (
    PluginState.name,
    PluginState.failures,
    PluginState.last_error,
    PluginState.failed_at,
    PluginState.granted,
    PluginState.version,
    PluginState.snapshot,
    PluginState.is_active,
)
"""Settings and secrets stay where they are."""


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """The record of one plugin over all processes. `granted` is what its owner agreed to, as in `Manifest.grants`; `snapshot` the file name
    of the archive made before the last update, empty when there is none."""

    failures: int = 0
    last_error: str = ""
    failed_at: datetime | None = None
    granted: frozenset[str] = frozenset()
    version: str = ""
    snapshot: str = ""
    is_active: bool = False
    account_count: int = 0


@dataclass(frozen=True, slots=True)
class HourCost:
    """What a plugin cost in the last hour, all its parts together."""

    calls: int
    seconds: float
    failures: int


def plugin_facts(session: Session | scoped_session) -> Mapping[str, PluginFacts]:
    """By plugin name; one that was never switched, never failed and has no account is missing. Two queries."""
    per_plugin = select(ChannelAccount.plugin, func.count()).group_by(ChannelAccount.plugin)
    counts = {name: count for name, count in session.execute(per_plugin)}
    found = {
        state.name: PluginFacts(
            failures=state.failures,
            last_error=state.last_error,
            failed_at=state.failed_at,
            granted=frozenset(state.granted or ()),
            version=state.version,
            snapshot=state.snapshot,
            is_active=state.is_active,
            account_count=counts.get(state.name, 0),
        )
        for state in session.execute(select(*_STATE_COLUMNS))
    }
    return {**{name: PluginFacts(account_count=count) for name, count in counts.items()}, **found}


def hour_costs(session: Session | scoped_session, now: datetime) -> Mapping[str, HourCost]:
    """The last hour by plugin name; those that were not called are missing. One query."""
    statement = (
        select(
            PluginCost.plugin,
            func.sum(PluginCost.calls),
            func.sum(PluginCost.seconds),
            func.sum(PluginCost.failures),
        )
        .where(PluginCost.period_at > now - HOUR)
        .group_by(PluginCost.plugin)
    )
    return {
        name: HourCost(int(calls), float(seconds), int(failures))
        for name, calls, seconds, failures in session.execute(statement)
    }


def resting_hooks(session: Session | scoped_session) -> Mapping[str, tuple[str, ...]]:
    """The parts of plugins that rest in every process after failing, by plugin name. One query."""
    found: dict[str, tuple[str, ...]] = {}
    rows = session.execute(select(PluginBreaker.plugin, PluginBreaker.hook).order_by(PluginBreaker.hook))
    for plugin, hook in rows:
        found[plugin] = (*found.get(plugin, ()), hook)
    return found
