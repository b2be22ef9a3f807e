"""How much usually arrives at which hour of the week, and when it is unusually quiet. Pure: counts of hours in, judgement out.

An hour is its beginning in UTC, aware. Only hours in which somebody was listening teach anything: one in which the account did not work, or
nobody looked, says nothing. Hours of the week are those of the zone, so that a change of the clocks moves no habit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import exp
from statistics import median

__all__ = [
    "HOUR",
    "LEARNT_FROM",
    "LEAST_DAYS",
    "Quietness",
    "Usual",
    "expected_between",
    "hour_of",
    "quietness",
    "usual",
]

HOUR = timedelta(hours=1)
LEARNT_FROM = timedelta(weeks=6)
"""What lies further back is forgotten."""
LEAST_DAYS = 14
"""So many days must be known before anything is judged: two weekends."""
LEAST_QUIET = 2 * HOUR
BY_CHANCE = timedelta(days=730)
"""An alarm that means nothing may come about so often."""
_MOST_OF_A_DAY = 3.0
"""A day with more than this many times the usual was a special one, and counts as one of that many."""
_WEEK = 7 * 24


@dataclass(frozen=True, slots=True)
class Usual:
    """Arrivals to be expected in each hour of the week, Monday at midnight first; `days` in which somebody was listening; `burstiness`: how
    much more the days differ than they would by chance (1: no more; answers to a campaign come in bursts)."""

    per_hour: tuple[float, ...]
    days: int
    burstiness: float = 1.0

    @property
    def per_week(self) -> float:
        return sum(self.per_hour)


@dataclass(frozen=True, slots=True)
class Quietness:
    """How quiet it is: since when so few came, how many that were, and how many were to be expected."""

    since: datetime
    came: int
    expected: float
    is_unusual: bool


def hour_of(at: datetime) -> datetime:
    """The hour a moment lies in."""
    return at.replace(minute=0, second=0, microsecond=0)


def usual(arrived: Mapping[datetime, int], watched: Set[datetime], now: datetime, zone: tzinfo) -> Usual:
    """What is usual, from the hours before this one."""
    since, until = now - LEARNT_FROM, hour_of(now)
    known = [hour for hour in watched if since <= hour < until]
    counts = _without_special_days({hour: arrived.get(hour, 0) for hour in known}, zone)
    per_hour = _smoothed(_means(counts, zone))
    days = _by_day(counts, zone)
    return Usual(per_hour, len(days), _burstiness(counts, days, per_hour, zone))


def quietness(
    expected: Usual, arrived: Mapping[datetime, int], watched: Set[datetime], now: datetime, zone: tzinfo
) -> Quietness | None:
    """Judge the time since the last arrival, and the last 24 hours; None while too little is known or nothing ever came."""
    last = max((hour for hour, count in arrived.items() if count and hour <= now), default=None)
    if last is None or expected.days < LEAST_DAYS or not expected.per_week:
        return None
    chance = 1 / (1 + expected.per_week * BY_CHANCE / timedelta(weeks=1))
    nothing = _judged(expected, arrived, watched, min(last + HOUR, now), now, zone, chance)
    if nothing.is_unusual:
        return nothing
    little = _judged(expected, arrived, watched, now - 24 * HOUR, now, zone, 1 / (BY_CHANCE / timedelta(days=1)))
    return little if little.is_unusual else nothing


def expected_between(
    expected: Usual, begins: datetime, ends: datetime, zone: tzinfo, watched: Set[datetime] | None = None
) -> float:
    """How many arrivals are usual in a span of time, or in its `watched` hours."""
    parts = _parts(begins, ends)
    return sum(
        expected.per_hour[_slot(hour, zone)] * share for hour, share in parts if watched is None or hour in watched
    )


def _judged(
    expected: Usual,
    arrived: Mapping[datetime, int],
    watched: Set[datetime],
    begins: datetime,
    now: datetime,
    zone: tzinfo,
    chance: float,
) -> Quietness:
    """Whether so few would come by chance less often than that. Bursts count as one arrival each."""
    count = expected_between(expected, begins, now, zone, watched)
    came = sum(arrived.get(hour, 0) for hour, _ in _parts(begins, now) if hour >= begins)
    is_unusual = (
        now - begins >= LEAST_QUIET
        and came < count / 2
        and _chance_of_so_few(came / expected.burstiness, count / expected.burstiness) < chance
    )
    return Quietness(begins, came, count, is_unusual)


def _chance_of_so_few(came: float, mean: float) -> float:
    """The chance of at most that many where so many are to be expected (Poisson)."""
    term = total = exp(-mean)
    for number in range(1, int(came) + 1):
        term *= mean / number
        total += term
    return total


def _without_special_days(counts: Mapping[datetime, int], zone: tzinfo) -> dict[datetime, float]:
    """The counts, those of days on which very much came taken down."""
    days = _by_day(counts, zone)
    most = _MOST_OF_A_DAY * max(median(days.values()) if days else 0, 1.0)
    return {hour: count * min(1.0, most / max(days[_day(hour, zone)], 1)) for hour, count in counts.items()}


def _means(counts: Mapping[datetime, float], zone: tzinfo) -> list[float]:
    """By hour of the week; an hour of the week that is hardly known has the mean of that hour of all days."""
    by_slot: defaultdict[int, list[float]] = defaultdict(list)
    for hour, count in counts.items():
        by_slot[_slot(hour, zone)].append(count)
    by_hour = [_mean(count for slot in range(hour, _WEEK, 24) for count in by_slot[slot]) for hour in range(24)]
    return [_mean(by_slot[slot]) if len(by_slot[slot]) > 1 else by_hour[slot % 24] for slot in range(_WEEK)]


def _smoothed(means: list[float]) -> tuple[float, ...]:
    """Each hour with its neighbours: what comes at nine may come at ten."""
    return tuple((means[slot - 1] + 2 * means[slot] + means[(slot + 1) % _WEEK]) / 4 for slot in range(_WEEK))


def _burstiness(
    counts: Mapping[datetime, float], days: Mapping[date, float], per_hour: tuple[float, ...], zone: tzinfo
) -> float:
    """The mean squared distance of days from what was to be expected, in units of that (Pearson): weekdays differ by habit."""
    expected: defaultdict[date, float] = defaultdict(float)
    for hour in counts:
        expected[_day(hour, zone)] += per_hour[_slot(hour, zone)]
    return max(1.0, _mean((days[day] - mean) ** 2 / mean for day, mean in expected.items() if mean > 0.1))


def _by_day(counts: Mapping[datetime, float], zone: tzinfo) -> dict[date, float]:
    days: defaultdict[date, float] = defaultdict(float)
    for hour, count in counts.items():
        days[_day(hour, zone)] += count
    return dict(days)


def _parts(begins: datetime, ends: datetime) -> Iterator[tuple[datetime, float]]:
    """The hours of a span, each with the share of it that lies in the span."""
    hour = hour_of(begins)
    while hour < ends:
        yield hour, (min(hour + HOUR, ends) - max(hour, begins)) / HOUR
        hour += HOUR


def _slot(hour: datetime, zone: tzinfo) -> int:
    local = hour.astimezone(zone)
    return local.weekday() * 24 + local.hour


def _day(hour: datetime, zone: tzinfo) -> date:
    return hour.astimezone(zone).date()


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
