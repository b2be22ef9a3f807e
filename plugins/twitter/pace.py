"""When to ask X again, so that the day's budget lasts for the day. Pure.

Calls that are left are spread over what is left of the day. Reads do not become fewer by asking more seldom, but a rush in the morning
must not use up what the evening needs: whoever is ahead of the clock waits for it. X counts days in UTC, and so do we.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plugins.twitter.plans import Budget

__all__ = ["Used", "day_ends_at", "next_poll_at"]

AT_ONCE = timedelta(seconds=65)
"""A pause of a minute is what the host makes anyway."""
DAY = timedelta(days=1)
AHEAD = 0.1
"""So much of the day's reads may be used before their hour."""


@dataclass(frozen=True, slots=True)
class Used:
    """What was used today by all accounts of the app."""

    calls: int = 0
    reads: int = 0


def next_poll_at(
    now: datetime,
    last_at: datetime | None,
    used: Used,
    budget: Budget,
    *,
    calls_a_poll: int,
    shortest: timedelta = timedelta(0),
) -> datetime:
    """When to ask next; `now` or earlier means at once. `calls_a_poll` counts every account, since all share the budget. `shortest`
    is the pause that is long enough anyway."""
    ends_at = day_ends_at(now)
    calls_left = budget.calls - used.calls
    if calls_left < calls_a_poll or used.reads >= budget.reads:
        return ends_at
    pause = max((ends_at - now) * calls_a_poll / calls_left, shortest)
    at = now if last_at is None or pause <= AT_ONCE else last_at + pause
    return min(max(at, _reads_are_due(ends_at, used, budget)), ends_at)


def _reads_are_due(ends_at: datetime, used: Used, budget: Budget) -> datetime:
    """When the day has come as far as the reads."""
    return ends_at - DAY + DAY * (used.reads / budget.reads - AHEAD)


def day_ends_at(now: datetime) -> datetime:
    """The next midnight, UTC."""
    return (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
