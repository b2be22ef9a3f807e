"""How plugins fare over all processes: writing down what each process reports, and what all of them follow.

How missed announcements are replayed stands in `app.services.plugins.missed`; the pages read with `app.queries.plugin_page` and its
neighbours.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, case, delete, event, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from app.domain.roles import Permission
from app.errors import InvalidInput
from app.models import HookSample, MissedEvent, PluginBreaker, PluginConflict, PluginCost
from app.plugin_api.texts import translatable
from app.plugin_host import Limits, SharedHealth, Watchdog
from app.plugin_host.payloads import VERSION, to_json
from app.plugin_host.report import SUMS, BreakerNews, Collision, Cost, HealthReport, Key, Missed, Sample
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing
from app.services.counting import upsert
from app.services.notices import over, tell
from app.services.plugins.pulse import raise_health
from app.services.plugins.record import plugin_record
from app.services.settings import get_setting, put_setting

__all__ = [
    "close_breakers",
    "count_queries",
    "forget_health",
    "forget_missed",
    "forget_old_health",
    "limits_of",
    "put_limits",
    "record_health",
    "replay",
    "shared_health",
]

log = logging.getLogger(__name__)

KEEP_COSTS = timedelta(hours=25)
KEEP_MISSED = timedelta(days=30)
KEEP_CONFLICTS = timedelta(days=30)
MOST_MISSED = 1000
LIMITS = "plugin_limits"

_RANGES = {
    "slow_call_s": (0.01, 10.0),
    "failures_in_row": (1, 100),
    "pause_s": (1.0, 86_400.0),
    "request_s": (0.5, 30.0),
    "call_s": (1.0, 600.0),
}
"""What an admin may change, and from where to where."""

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
    saved = get_setting(core, LIMITS)
    return SharedHealth(breakers, Limits(**saved) if saved else None)


def limits_of(core: Core) -> Limits:
    """The limits that hold."""
    return Limits(**get_setting(core, LIMITS, {}))


def put_limits(core: Core, actor: Actor, values: Mapping[str, float]) -> Limits:
    """Change the limits of calls in every process; those not named get their default. Raises `NotAllowed` or `InvalidInput`."""
    require(actor, Permission.PLUGINS)
    limits = _checked(values)
    with writing(core) as unit:
        put_setting(unit, LIMITS, {name: getattr(limits, name) for name in _RANGES})
        raise_health(unit)
        audit(unit, actor, "plugin.limits_changed", "", **values)
    return limits


def _checked(values: Mapping[str, float]) -> Limits:
    values = {name: int(value) if name == "failures_in_row" else float(value) for name, value in values.items()}
    wrong = {
        name: f"Between {_RANGES[name][0]:g} and {_RANGES[name][1]:g}."
        for name, value in values.items()
        if not _RANGES[name][0] <= value <= _RANGES[name][1]
    }
    if wrong:
        raise InvalidInput("These limits cannot be set.", wrong)
    try:
        return Limits(**values)  # type: ignore[arg-type]  # mypy sees one type for all of them
    except ValueError:
        raise InvalidInput("A call would be over its limit before it is slow.", {"slow_call_s": "Too long."}) from None


# ---- what plugins missed
def replay(core: Core, actor: Actor, plugin: str, hook: str | None = None) -> int:
    """Let the worker make the announcements again that a plugin missed (in one hook, or all); gives how many. A resting hook is called
    again at once. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    with writing(core) as unit:
        statement = update(MissedEvent).where(*_missed_by(plugin, hook), MissedEvent.state == "kept")
        count = cast(
            "CursorResult[Any]", unit.session.execute(statement.values(state="due", leased_until=None))
        ).rowcount
        close_breakers(unit, plugin, hook)
        unit.changed("plugins")
        audit(unit, actor, "plugin.missed_replayed", plugin, hook=hook or "", count=count)
    return count


def forget_missed(core: Core, actor: Actor, plugin: str, hook: str | None = None) -> int:
    """Throw away what a plugin missed (in one hook, or all); gives how many. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    with writing(core) as unit:
        statement = delete(MissedEvent).where(*_missed_by(plugin, hook))
        count = cast("CursorResult[Any]", unit.session.execute(statement)).rowcount
        unit.changed("plugins")
        audit(unit, actor, "plugin.missed_forgotten", plugin, hook=hook or "", count=count)
    return count


def _missed_by(plugin: str, hook: str | None) -> list[ColumnElement[bool]]:
    return [MissedEvent.plugin == plugin, *([MissedEvent.hook == hook] if hook else [])]


# ---- forgetting
def close_breakers(unit: Unit, plugin: str, hook: str | None = None) -> None:
    """Call a plugin's hooks again, in every process, because somebody switched it or asks for a replay."""
    statement = select(PluginBreaker.hook).where(PluginBreaker.plugin == plugin)
    hooks = [one for one in unit.session.scalars(statement) if hook in (None, one)]
    for one in hooks:
        _close_breaker(unit, plugin, one)
    if hooks:
        raise_health(unit)


def forget_health(unit: Unit, plugin: str) -> None:
    """Throw away all that was noted about a plugin that is uninstalled."""
    close_breakers(unit, plugin)
    for model in (PluginCost, MissedEvent):
        unit.session.execute(delete(model).where(model.plugin == plugin))
    is_party = (PluginConflict.first == plugin) | (PluginConflict.second == plugin)
    unit.session.execute(delete(PluginConflict).where(is_party))


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
