"""How plugins fare over all processes: writing down what each process reports, and what all of them follow.

What an owner does about a plugin that failed stands in `repair`, how missed announcements are made again in `missed`; the pages read with
`app.queries.plugin_page` and its neighbours.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, event, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from app.models import HookSample, MissedEvent, PluginBreaker, PluginConflict, PluginCost
from app.plugin_api.texts import translatable
from app.plugin_host import SharedHealth, Watchdog
from app.plugin_host.health.payloads import VERSION, to_json
from app.plugin_host.health.report import SUMS, BreakerNews, Collision, Cost, HealthReport, Key, Missed, Sample
from app.services.core import Core, Unit, writing
from app.services.counting import upsert
from app.services.notices import over, tell
from app.services.plugins.limits import saved_limits
from app.services.plugins.pulse import raise_health
from app.services.plugins.record import plugin_record

__all__ = [
    "close_breakers",
    "count_queries",
    "forget_old_health",
    "record_health",
    "shared_health",
]

log = logging.getLogger(__name__)

KEEP_COSTS = timedelta(hours=25)
KEEP_MISSED = timedelta(days=30)
KEEP_CONFLICTS = timedelta(days=30)
MOST_MISSED = 1000

_COST, _BREAKER = PluginCost.__table__, PluginBreaker.__table__


# ---- what a process reports
def record_health(core: Core, report: HealthReport) -> bool:
    """Write a report down in one transaction. False when that must wait: one of ours is being written, or the database is away."""
    if core.session().info.get("is_writing"):
        return False
    try:
        with writing(core) as unit:
            _add_failures(core, unit, report)
            _add_costs(unit, report.costs)
            _change_breakers(unit, report.breakers)
            _keep_missed(unit, report.missed)
            _show_samples(unit, report.samples)
            _add_collisions(unit, report.collisions)
    except (OperationalError, InterfaceError) as error:
        log.warning("what happened to plugins is written down later: %s", " ".join(str(error.orig).split()))
        return False
    return True


def _add_failures(core: Core, unit: Unit, report: HealthReport) -> None:
    """In the order of the names, as all rows here, so that two processes cannot wait for each other."""
    for plugin, failures in sorted(report.failures.items()):
        state = plugin_record(core, unit, plugin)
        state.failures += failures.count
        state.last_error, state.failed_at = failures.last_error, failures.failed_at
    if report.failures:
        unit.changed("plugins")


def _add_costs(unit: Unit, costs: Mapping[tuple[str, str, datetime], Cost]) -> None:
    if not costs:
        return
    statement = upsert(unit.connection)(_COST)
    new, old = statement.excluded, _COST.c
    changes: dict[str, Any] = {name: old[name] + new[name] for name in SUMS}
    changes["slowest_s"] = case((new.slowest_s > old.slowest_s, new.slowest_s), else_=old.slowest_s)
    for name in ("last_error", "failed_at"):
        changes[name] = case((new.failed_at.is_not(None), new[name]), else_=old[name])
    rows = [
        {"plugin": plugin[:40], "hook": hook[:80], "period_at": period, **asdict(cost)}
        for (plugin, hook, period), cost in sorted(costs.items(), key=lambda one: one[0])
    ]
    keys = ["plugin", "hook", "period_at"]
    unit.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)


def _change_breakers(unit: Unit, news: Mapping[Key, BreakerNews]) -> None:
    for (plugin, hook), one in sorted(news.items(), key=lambda item: item[0]):
        if one.is_open:
            _open_breaker(unit, plugin, hook, one)
        else:
            _close_breaker(unit, plugin, hook)
    if news:
        raise_health(unit)


def _open_breaker(unit: Unit, plugin: str, hook: str, news: BreakerNews) -> None:
    statement = upsert(unit.connection)(_BREAKER).values(
        plugin=plugin, hook=hook, opened_at=unit.now, rests_until=unit.now + timedelta(seconds=news.pause_s),
        times_opened=1, last_error=news.last_error,
    )  # fmt: skip
    again = {
        "rests_until": statement.excluded.rests_until,
        "last_error": statement.excluded.last_error,
        "times_opened": _BREAKER.c.times_opened + 1,
    }
    statement = statement.on_conflict_do_update(index_elements=["plugin", "hook"], set_=again)
    if unit.connection.execute(statement.returning(_BREAKER.c.times_opened)).scalar_one() == 1:
        tell(
            unit,
            subject=_subject(plugin, hook),
            text=translatable(
                "The plugin %(plugin)s keeps failing in %(hook)s and is not called there for now: %(error)s"
            ),
            data={"plugin": plugin, "hook": hook, "error": news.last_error},
            path=f"/settings/plugins/{plugin}",
        )


def _close_breaker(unit: Unit, plugin: str, hook: str) -> None:
    unit.connection.execute(delete(PluginBreaker).where(PluginBreaker.plugin == plugin, PluginBreaker.hook == hook))
    over(unit, _subject(plugin, hook))


def _subject(plugin: str, hook: str) -> str:
    return f"plugin:{plugin}:{hook}:resting"


def _keep_missed(unit: Unit, missed: Mapping[Key, Iterable[Missed]]) -> None:
    for (plugin, hook), events in sorted(missed.items(), key=lambda item: item[0]):
        rows = [row for one in events if (row := _missed_row(plugin, hook, one)) is not None]
        if not rows:
            continue
        unit.connection.execute(MissedEvent.__table__.insert(), rows)
        of_hook = (MissedEvent.plugin == plugin, MissedEvent.hook == hook)
        newest = select(MissedEvent.id).where(*of_hook).order_by(MissedEvent.id.desc()).offset(MOST_MISSED).limit(1)
        unit.connection.execute(delete(MissedEvent).where(*of_hook, MissedEvent.id <= newest.scalar_subquery()))
        unit.changed("plugins")


def _missed_row(plugin: str, hook: str, missed: Missed) -> dict[str, Any] | None:
    try:
        arguments = to_json(missed.values)
    except TypeError as error:
        log.error("a missed %s of %s cannot be kept: %s", hook, plugin, error)
        return None
    return {
        "plugin": plugin, "hook": hook, "arguments": arguments, "payload_version": VERSION, "reason": missed.reason,
        "created_at": missed.at, "state": "kept", "attempts": 0,
    }  # fmt: skip


def _show_samples(unit: Unit, samples: Mapping[str, Sample]) -> None:
    for hook, sample in sorted(samples.items()):
        table = HookSample.__table__
        statement = upsert(unit.connection)(table).values(hook=hook, payload=sample.payload, seen_at=sample.seen_at)
        newer = {name: statement.excluded[name] for name in ("payload", "seen_at")}
        unit.connection.execute(statement.on_conflict_do_update(index_elements=["hook"], set_=newer))


def _add_collisions(unit: Unit, collisions: Mapping[Collision, int]) -> None:
    table = PluginConflict.__table__
    for one, times in sorted(collisions.items()):
        statement = upsert(unit.connection)(table).values(**asdict(one), times=times, seen_at=unit.now)
        changes = {"times": table.c.times + statement.excluded.times, "seen_at": statement.excluded.seen_at}
        keys = ["hook", "field", "first", "second"]
        unit.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))


# ---- what all processes follow
def shared_health(core: Core) -> SharedHealth:
    """The open breakers, and the limits an admin has set."""
    now = core.clock.now()
    rows = core.session.execute(select(PluginBreaker.plugin, PluginBreaker.hook, PluginBreaker.rests_until)).all()
    breakers = {(plugin, hook): (until - now).total_seconds() for plugin, hook, until in rows}
    return SharedHealth(breakers, saved_limits(core))


# ---- forgetting
def close_breakers(unit: Unit, plugin: str, hook: str | None = None) -> None:
    """Call a plugin's hooks again, in every process, because somebody switched it or asks for a replay."""
    statement = select(PluginBreaker.hook).where(PluginBreaker.plugin == plugin)
    hooks = [one for one in unit.session.scalars(statement) if hook in (None, one)]
    for one in hooks:
        _close_breaker(unit, plugin, one)
    if hooks:
        raise_health(unit)


def forget_old_health(core: Core) -> None:
    """Throw away costs of more than a day ago, announcements that nobody replayed within a month, and conflicts that ended."""
    with writing(core) as unit:
        unit.session.execute(delete(PluginCost).where(PluginCost.period_at < unit.now - KEEP_COSTS))
        unit.session.execute(delete(MissedEvent).where(MissedEvent.created_at < unit.now - KEEP_MISSED))
        unit.session.execute(delete(PluginConflict).where(PluginConflict.seen_at < unit.now - KEEP_CONFLICTS))


def count_queries(engine: Engine, watchdog: Watchdog) -> None:
    """From now on count each query on the hook that is being called in its thread."""

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_event: object) -> None:
        health = watchdog.slot.health
        if health is not None:
            health.queries += 1
