"""How the plugins are doing in this process: calls, time and failures per plugin and hook, and a breaker for those that keep failing.

Counters are not locked where a lock would cost more than a lost count: `calls` and `seconds` are close, failures are exact.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

from app.plugin_host.watch import TimedOut
from app.redaction import masked

__all__ = ["HealthBook", "HookHealth", "Limits", "PendingFailures"]

ERROR_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """When a call counts as slow, after how many failures in a row a hook of a plugin rests for how long, and how long a call may take:
    `request_s` while somebody waits for a page, `call_s` elsewhere. A plugin that has not started after `start_s` seconds is given up.

    Raises ValueError when a call would be over its limit before it is slow.
    """

    slow_call_s: float = 0.2
    failures_in_row: int = 5
    pause_s: float = 60.0
    slow_start_s: float = 2.0
    start_s: float = 10.0
    request_s: float = 3.0
    call_s: float = 30.0

    def __post_init__(self) -> None:
        if self.slow_call_s > min(self.request_s, self.call_s):
            raise ValueError("a call must not be over its limit before it is slow")


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

    @property
    def is_resting(self) -> bool:
        """Whether its breaker is open."""
        return self.rests_until > 0.0


@dataclass(slots=True)
class PendingFailures:
    """Failures of one plugin that are not yet written to the database."""

    count: int
    last_error: str
    failed_at: datetime


@dataclass(slots=True)
class HealthBook:
    """All counters of this process. `timer` gives seconds, as `time.perf_counter` does."""

    limits: Limits = field(default_factory=Limits)
    timer: Callable[[], float] = perf_counter
    _records: dict[tuple[str, str], HookHealth] = field(default_factory=dict)
    _pending: dict[str, PendingFailures] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, plugin: str, hook: str, *, can_rest: bool = True) -> HookHealth:
        """The counters of a hook of a plugin; made when asked for."""
        with self._lock:
            known = self._records.get((plugin, hook))
            if known is None:
                known = self._records[plugin, hook] = HookHealth(plugin, hook, self, can_rest)
            return known

    def of_plugin(self, plugin: str) -> list[HookHealth]:
        """The counters of a plugin, by hook name."""
        with self._lock:
            records = [record for record in self._records.values() if record.plugin == plugin]
        return sorted(records, key=lambda record: record.hook)

    def forget(self, plugin: str) -> None:
        """Begin anew with a plugin: its breakers close and its counts are zero."""
        with self._lock:
            for key in [key for key in self._records if key[0] == plugin]:
                del self._records[key]

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

    def succeed(self, health: HookHealth, elapsed: float) -> None:
        """Note a call that went well: a row of failures ends, the breaker closes, the slowest and the too slow are kept."""
        with self._lock:
            health.failures_in_row = 0
            if not health.overdue:
                health.rests_until = 0.0
            health.slowest_s = max(health.slowest_s, elapsed)
            health.slow_calls += elapsed > self.limits.slow_call_s
            health.notice_above_s = min(health.slowest_s, self.limits.slow_call_s)

    def note_overdue(self, health: HookHealth) -> None:
        """A call is over its limit and has not ended: its hook rests from now on."""
        with self._lock:
            health.last_error = "It has taken longer than it may and has not ended yet."
            if health.can_rest:
                health.rests_until = self.timer() + self.limits.pause_s

    def fail(self, health: HookHealth, error: BaseException, at: datetime) -> bool:
        """Count a failure. True when this one opened the breaker: the last of too many in a row, or a call over its limit."""
        text = describe(error)
        with self._lock:
            health.failures += 1
            health.failures_in_row += 1
            health.notice_above_s = -1.0
            health.last_error = text
            health.failed_at = at
            self._remember(health.plugin, f"{health.hook}: {text}"[:ERROR_LENGTH], at)
            is_enough = health.failures_in_row >= self.limits.failures_in_row or isinstance(error, TimedOut)
            if not (health.can_rest and is_enough):
                return False
            was_resting = health.rests_until > 0.0
            health.rests_until = self.timer() + self.limits.pause_s
            return not was_resting

    def fail_start(self, plugin: str, sentence: str, at: datetime) -> None:
        """Count that a plugin could not be started."""
        with self._lock:
            self._remember(plugin, sentence[:ERROR_LENGTH], at)

    def take_pending(self) -> dict[str, PendingFailures]:
        """The failures since the last call, by plugin; the caller writes them down or gives them back."""
        with self._lock:
            pending, self._pending = self._pending, {}
            return pending

    def give_back(self, pending: dict[str, PendingFailures]) -> None:
        """Failures that could not be written down after all."""
        with self._lock:
            for plugin, one in pending.items():
                if plugin in self._pending:
                    self._pending[plugin].count += one.count
                else:
                    self._pending[plugin] = one

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    def _remember(self, plugin: str, text: str, at: datetime) -> None:
        known = self._pending.get(plugin)
        self._pending[plugin] = PendingFailures((known.count if known else 0) + 1, text, at)


def describe(error: BaseException) -> str:
    """An error in one line, at most 1000 characters and without credentials; never raises, even when the error's own text does."""
    try:
        text = masked(str(error))
    except (Exception, SystemExit):  # noqa: BLE001 - the plugin wrote that `__str__` too
        text = "(its text cannot be read)"
    return " ".join(f"{type(error).__name__}: {text}".split())[:ERROR_LENGTH]
