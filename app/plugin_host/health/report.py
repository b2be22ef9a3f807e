"""What processes tell each other about plugins: each sends reports of what happened in it, and follows what all of them know together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

__all__ = [
    "BreakerNews",
    "Collision",
    "Cost",
    "HealthReport",
    "Limits",
    "Missed",
    "PendingFailures",
    "Sample",
    "SharedHealth",
    "period_of",
    "sum_of_failures",
]

Key = tuple[str, str]
"""Name of a plugin, and of its hook (or page, webhook, job …)."""


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


@dataclass(frozen=True, slots=True)
class Cost:
    """What was used in one period; `seconds` is the time of all calls together. `failed_at` is None when no call failed."""

    calls: int = 0
    seconds: float = 0.0
    slowest_s: float = 0.0
    slow_calls: int = 0
    failures: int = 0
    skipped: int = 0
    queries: int = 0
    http_calls: int = 0
    last_error: str = ""
    failed_at: datetime | None = None

    def __add__(self, later: "Cost") -> "Cost":
        """Both together; the later error is the last one."""
        sums = {name: getattr(self, name) + getattr(later, name) for name in SUMS}
        error = later if later.failed_at else self
        slowest = max(self.slowest_s, later.slowest_s)
        return Cost(slowest_s=slowest, last_error=error.last_error, failed_at=error.failed_at, **sums)


SUMS = ("calls", "seconds", "slow_calls", "failures", "skipped", "queries", "http_calls")


@dataclass(frozen=True, slots=True)
class PendingFailures:
    """Failures of one plugin that are not yet written to the database."""

    count: int
    last_error: str
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class BreakerNews:
    """A breaker that opened here, or closed. While it is open, nobody calls the hook for `pause_s`."""

    is_open: bool
    pause_s: float = 0.0
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Missed:
    """An announcement that a plugin did not get, with the values it would have got."""

    values: Mapping[str, Any] = field(repr=False)
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """The arguments of one call as text, personal data masked."""

    payload: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Collision:
    """Two plugins in each other's way: `second` changed what `first` had changed, or stands where `first` stands."""

    hook: str
    field: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What happened in one process since its last report."""

    failures: Mapping[str, PendingFailures] = field(default_factory=dict)
    costs: Mapping[tuple[str, str, datetime], Cost] = field(default_factory=dict)
    """By plugin, hook and the moment at which a period begins."""
    breakers: Mapping[Key, BreakerNews] = field(default_factory=dict)
    missed: Mapping[Key, Sequence[Missed]] = field(default_factory=dict)
    samples: Mapping[str, Sample] = field(default_factory=dict)
    """By hook."""
    collisions: Mapping[Collision, int] = field(default_factory=dict)
    """How often each was met."""

    def __bool__(self) -> bool:
        return any((self.failures, self.costs, self.breakers, self.missed, self.samples, self.collisions))


@dataclass(frozen=True, slots=True)
class SharedHealth:
    """What holds in all processes: the open breakers with the seconds until each hook is tried again, and the limits (None: those the
    process began with)."""

    breakers: Mapping[Key, float] = field(default_factory=dict)
    limits: Limits | None = None


def period_of(at: datetime) -> datetime:
    """The moment at which the period of five minutes began that `at` lies in."""
    return at - timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)


def sum_of_failures(first: PendingFailures, later: PendingFailures) -> PendingFailures:
    """Both together; the later error is the last one."""
    return replace(later, count=first.count + later.count)
