"""The cost meter of a plugin: what its parts took in the last hour, as a table and as bars of five minutes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from flask_babel import format_decimal, format_time, gettext, ngettext

from app.queries.plugin_page import PeriodCost
from app.web.contexts import CostBar, CostMeter, CostRow
from app.web.plugin_marks import time_spent

__all__ = ["PERIOD", "cost_meter"]

PERIOD = timedelta(minutes=5)
_BARS = 12


def cost_meter(costs: Sequence[PeriodCost], now: datetime) -> CostMeter:
    """The meter of the last hour. The costliest part comes first."""
    seconds = sum(cost.seconds for cost in costs)
    calls, failures = sum(cost.calls for cost in costs), sum(cost.failures for cost in costs)
    bars = _bars(costs, now)
    rows = sorted(_by_part(costs), key=lambda part: -sum(cost.seconds for cost in part))
    return CostMeter(
        rows=tuple(_row(part, seconds) for part in rows),
        bars=bars,
        total=_total(calls, seconds, failures),
        top=max([1.0, *(bar.milliseconds for bar in bars)]),
    )


def _by_part(costs: Iterable[PeriodCost]) -> Iterable[list[PeriodCost]]:
    parts: dict[str, list[PeriodCost]] = {}
    for cost in costs:
        parts.setdefault(cost.hook, []).append(cost)
    return parts.values()


def _row(part: Sequence[PeriodCost], of_all: float) -> CostRow:
    seconds = sum(cost.seconds for cost in part)
    return CostRow(
        name=part[0].hook,
        calls=format_decimal(sum(cost.calls for cost in part)),
        time=time_spent(seconds),
        slowest=time_spent(max(cost.slowest_s for cost in part)),
        share=seconds / of_all if of_all else 0.0,
        slow_calls=sum(cost.slow_calls for cost in part),
        failures=sum(cost.failures for cost in part),
        skipped=sum(cost.skipped for cost in part),
        queries=format_decimal(sum(cost.queries for cost in part)),
        http_calls=format_decimal(sum(cost.http_calls for cost in part)),
    )


def _bars(costs: Sequence[PeriodCost], now: datetime) -> tuple[CostBar, ...]:
    last = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    moments = [last - PERIOD * back for back in reversed(range(_BARS))]
    return tuple(_bar(at, [cost for cost in costs if at <= cost.period_at < at + PERIOD]) for at in moments)


def _bar(at: datetime, costs: Sequence[PeriodCost]) -> CostBar:
    seconds = sum(cost.seconds for cost in costs)
    return CostBar(
        label=format_time(at, "short"),
        time=time_spent(seconds),
        milliseconds=round(seconds * 1000, 3),
        failures=sum(cost.failures for cost in costs),
    )


def _total(calls: int, seconds: float, failures: int) -> str:
    if not calls:
        return ""
    count, time = format_decimal(calls), time_spent(seconds)
    text = ngettext("%(count)s call, %(time)s", "%(count)s calls, %(time)s", calls, count=count, time=time)
    if not failures:
        return gettext("%(what)s, no errors", what=text)
    return ngettext("%(what)s, %(num)s error", "%(what)s, %(num)s errors", failures, what=text)
