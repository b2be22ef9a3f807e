"""How plugins are doing in this process: calls, time and failures per plugin and hook, a breaker for those that keep failing, and what is
to be told to the other processes (`app.plugin_host.health.report`).

Counters are not locked where a lock would cost more than a lost count: `calls` and `seconds` are close, failures are exact.
"""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

from app.domain.text import clean_line
from app.plugin_host.health.report import (
    SUMS,
    BreakerNews,
    Collision,
    Cost,
    HealthReport,
    Key,
    Limits,
    Missed,
    PendingFailures,
    Sample,
    SharedHealth,
    period_of,
    sum_of_failures,
)
from app.redaction import masked as without_credentials

__all__ = ["HealthBook", "HookHealth", "Limits", "TimedOut", "describe"]

log = logging.getLogger("tidings.plugins")

ERROR_LENGTH = 1000
HOOK_LENGTH = 80
FLUSH_S = 10.0
MOST_MISSED = 1000
"""So many announcements are kept for one hook of one plugin."""


class TimedOut(Exception):
    """A call of plugin code took longer than it may."""

    def __init__(self, seconds: float, limit_s: float) -> None:
        super().__init__(f"It took {seconds:.1f} s where {limit_s:g} s are allowed.")
        self.seconds = seconds
        self.limit_s = limit_s


@dataclass(slots=True)
class HookHealth:
    """The counts of one hook of one plugin. `rests_until` is 0 while its breaker is closed, else a reading of the timer.

    `notice_above_s` tells the dispatcher with one comparison whether a successful call is worth a second look; it is never above the limit
    for slow calls. `overdue` counts the calls under way that are over their limit. What is called by the host itself (`can_rest` False:
    a page, a webhook) is counted but has no breaker.
    """

    plugin: str
    hook: str
    book: "HealthBook" = field(repr=False, compare=False)
    can_rest: bool = True
    calls: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    slow_calls: int = 0
    failures: int = 0
    failures_in_row: int = 0
    skipped: int = 0
    rests_until: float = 0.0
    notice_above_s: float = 0.0
    last_error: str = ""
    failed_at: datetime | None = None
    queries: int = 0
    http_calls: int = 0
    overdue: int = 0
    slowest_since_s: float = 0.0
    told: tuple[float, ...] = (0,) * len(SUMS)

    @property
    def is_resting(self) -> bool:
        """Whether its breaker is open."""
        return self.rests_until > 0.0

    def take_cost(self) -> Cost | None:
        """What was used since the last time; None when that is nothing."""
        counts = tuple(getattr(self, name) for name in SUMS)
        if counts == self.told:
            return None
        used = {name: now - before for name, now, before in zip(SUMS, counts, self.told, strict=True)}
        slowest, self.slowest_since_s, self.told = self.slowest_since_s, 0.0, counts
        self.notice_above_s = min(self.notice_above_s, 0.0)  # the slowest call is looked for anew
        error = (self.last_error, self.failed_at) if used["failures"] else ("", None)
        return Cost(slowest_s=slowest, last_error=error[0], failed_at=error[1], **used)


class HealthBook:
    """All counters of this process. `timer` gives seconds, as `time.perf_counter` does."""

    def __init__(self, limits: Limits | None = None, timer: Callable[[], float] = perf_counter) -> None:
        self.limits = limits or Limits()
        self.timer = timer
        self._records: dict[Key, HookHealth] = {}
        self._shared: dict[Key, float] = {}
        self._failures: dict[str, PendingFailures] = {}
        self._costs: dict[tuple[str, str, datetime | None], Cost] = {}
        self._breakers: dict[Key, BreakerNews] = {}
        self._missed: dict[Key, deque[Missed]] = {}
        self._samples: dict[str, Sample] = {}
        self._collisions: Counter[Collision] = Counter()
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._flush_at = 0.0
        self._retry_at = 0.0

    # ---- the records
    def record(self, plugin: str, hook: str, *, can_rest: bool = True) -> HookHealth:
        """The counters of a hook of a plugin; made when asked for, resting when it rests in other processes."""
        hook = hook[:HOOK_LENGTH]
        with self._lock:
            known = self._records.get((plugin, hook))
            if known is None:
                known = self._records[plugin, hook] = HookHealth(plugin, hook, self, can_rest)
                self._rest_with_others(known)
            return known

    def of_plugin(self, plugin: str) -> list[HookHealth]:
        """The counters of a plugin, by hook name."""
        with self._lock:
            records = [record for record in self._records.values() if record.plugin == plugin]
        return sorted(records, key=lambda record: record.hook)

    def forget(self, plugin: str) -> None:
        """Begin anew with a plugin: its breakers close here and its counts are zero. What was not told yet will be."""
        with self._lock:
            for key in [key for key in self._records if key[0] == plugin]:
                self._note_cost(self._records.pop(key))
            for key in [key for key in self._shared if key[0] == plugin]:
                del self._shared[key]

    # ---- what happens
    def may_call(self, health: HookHealth) -> bool:
        """Whether a resting hook may be tried again. One caller is let through; the others go on skipping until it is known how
        that went. None is let through while a call hangs."""
        with self._lock:
            now = self.timer()
            if now < health.rests_until or health.overdue > 0:
                health.skipped += 1
                return False
            health.rests_until = now + self.limits.pause_s
            return True

    def succeed(self, health: HookHealth, elapsed: float, is_slow: bool) -> None:
        """Note a call that went well: a row of failures ends, the breaker closes, the slowest and the too slow are kept."""
        with self._lock:
            health.failures_in_row = 0
            if health.rests_until and not health.overdue:
                health.rests_until = 0.0
                self._breakers[health.plugin, health.hook] = BreakerNews(is_open=False)
            health.slowest_s = max(health.slowest_s, elapsed)
            health.slowest_since_s = max(health.slowest_since_s, elapsed)
            health.slow_calls += is_slow
            health.notice_above_s = min(health.slowest_since_s, self.limits.slow_call_s)

    def note_overdue(self, health: HookHealth) -> None:
        """A call is over its limit and has not ended: its hook rests from now on."""
        with self._lock:
            health.last_error = "It has taken longer than it may and has not ended yet."
            has_opened = self._open(health)
        if has_opened:
            self._tell(health, "it hangs")

    def fail(self, health: HookHealth, error: BaseException, at: datetime, elapsed: float = 0.0) -> None:
        """Count a failure. It opens the breaker when it is the last of too many in a row, or took too long, or was the one call that tried
        whether the hook works again."""
        text = describe(error)
        with self._lock:
            health.failures += 1
            health.failures_in_row += 1
            health.notice_above_s = -1.0
            health.slowest_since_s = max(health.slowest_since_s, elapsed)
            health.last_error = text
            health.failed_at = at
            self._remember(health.plugin, f"{health.hook}: {text}"[:ERROR_LENGTH], at)
            is_enough = health.rests_until > 0 or health.failures_in_row >= self.limits.failures_in_row
            has_opened = (is_enough or isinstance(error, TimedOut)) and self._open(health)
        if has_opened:
            self._tell(
                health, f"it failed {health.failures_in_row} times in a row" if is_enough else "it took too long"
            )

    def fail_start(self, plugin: str, sentence: str, at: datetime) -> None:
        """Count that a plugin could not be started."""
        with self._lock:
            self._remember(plugin, clean_line(sentence, ERROR_LENGTH), at)

    def miss(self, health: HookHealth, values: Mapping[str, Any], at: datetime) -> None:
        """Keep an announcement that did not reach a plugin: it failed just now, or rests. Of too many the oldest are let go."""
        with self._lock:
            missed = self._missed.setdefault((health.plugin, health.hook), deque(maxlen=MOST_MISSED))
            missed.append(Missed(dict(values), health.last_error, at))

    def show(self, hook: str, sample: Sample) -> None:
        """Keep the last call of a hook that was looked at."""
        with self._lock:
            self._samples[hook] = sample

    def collide(self, collisions: Iterable[Collision]) -> None:
        """Count how often plugins got in each other's way."""
        with self._lock:
            self._collisions.update(collisions)

    # ---- what all processes know
    def follow(self, shared: SharedHealth) -> None:
        """Rest what rests elsewhere and wake what was woken there; what happened here and was not told yet comes first."""
        with self._lock:
            if shared.limits is not None and shared.limits != self.limits:
                self.limits = shared.limits
                for health in self._records.values():
                    health.notice_above_s = min(health.notice_above_s, 0.0)
            now = self.timer()
            self._shared = {key: max(now + left_s, 1e-9) for key, left_s in shared.breakers.items()}
            for key, health in self._records.items():
                if key not in self._breakers:
                    self._rest_with_others(health)

    @property
    def is_due(self) -> bool:
        """Whether a report should be sent: at once when a breaker changed or an announcement was missed, else every ten seconds, as it is
        after one that could not be sent."""
        now = self.timer()
        return now >= self._retry_at and (now >= self._flush_at or bool(self._breakers or self._missed))

    def flush(self, write: Callable[[HealthReport], bool], at: datetime) -> None:
        """Tell what happened since the last time. What `write` could not write down (False, or it raised) is told the next time."""
        if not self._flushing.acquire(blocking=False):
            return  # another thread is at it
        try:
            self._flush_at = self.timer() + FLUSH_S
            report = self.take_report(at)
            if report and not _is_written(write, report):
                self.give_back(report)
                self._retry_at = self._flush_at
        finally:
            self._flushing.release()

    def take_report(self, at: datetime) -> HealthReport:
        """What happened since the last report; the caller writes it down or gives it back."""
        with self._lock:
            for health in self._records.values():
                self._note_cost(health)
            costs: dict[tuple[str, str, datetime], Cost] = {}
            for (plugin, hook, period), cost in self._costs.items():
                key = (plugin, hook, period or period_of(at))
                costs[key] = costs[key] + cost if key in costs else cost
            report = HealthReport(
                self._failures, costs, self._breakers, self._missed, self._samples, dict(self._collisions)
            )
            self._failures, self._costs, self._breakers, self._missed, self._samples = {}, {}, {}, {}, {}
            self._collisions = Counter()
            return report

    def give_back(self, report: HealthReport) -> None:
        """A report that could not be written down after all."""
        with self._lock:
            for plugin, failures in report.failures.items():
                later = self._failures.get(plugin)
                self._failures[plugin] = sum_of_failures(failures, later) if later else failures
            for period, cost in report.costs.items():
                self._costs[period] = cost + self._costs.get(period, Cost())
            self._breakers = {**report.breakers, **self._breakers}
            for key, missed in report.missed.items():
                self._missed[key] = deque((*missed, *self._missed.get(key, ())), maxlen=MOST_MISSED)
            self._samples = {**report.samples, **self._samples}
            self._collisions.update(report.collisions)

    # ---- the lock is held
    def _note_cost(self, health: HookHealth) -> None:
        cost = health.take_cost()
        if cost is not None:
            key = (health.plugin, health.hook, None)
            self._costs[key] = self._costs.get(key, Cost()) + cost

    def _open(self, health: HookHealth) -> bool:
        """Let a hook rest. True when it did not rest before."""
        if not health.can_rest:
            return False
        was_resting = health.is_resting
        health.rests_until = self.timer() + self.limits.pause_s
        news = BreakerNews(is_open=True, pause_s=self.limits.pause_s, last_error=health.last_error)
        self._breakers[health.plugin, health.hook] = news
        return not was_resting

    def _rest_with_others(self, health: HookHealth) -> None:
        until = self._shared.get((health.plugin, health.hook))
        if until is not None and health.can_rest:
            health.rests_until, health.notice_above_s = until, -1.0
        elif health.rests_until and not health.overdue:
            health.rests_until, health.failures_in_row = 0.0, 0

    def _remember(self, plugin: str, text: str, at: datetime) -> None:
        now = PendingFailures(1, text, at)
        known = self._failures.get(plugin)
        self._failures[plugin] = sum_of_failures(known, now) if known else now

    def _tell(self, health: HookHealth, why: str) -> None:
        log.getChild(health.plugin).error(
            "%s is not called in %s for %.0f s: %s", health.plugin, health.hook, self.limits.pause_s, why
        )


def describe(error: BaseException) -> str:
    """An error in one line, at most 1000 characters that every database holds, without credentials; never raises, even when the error's
    own text does."""
    try:
        text = without_credentials(str(error))
    except (Exception, SystemExit):  # noqa: BLE001 - the plugin wrote that `__str__` too
        text = "(its text cannot be read)"
    return clean_line(f"{type(error).__name__}: {text}", ERROR_LENGTH)


def _is_written(write: Callable[[HealthReport], bool], report: HealthReport) -> bool:
    try:
        return write(report)
    except Exception:  # what happened elsewhere must not fail whoever happens to write it down
        log.exception("what happened to plugins could not be written down yet")
        return False
