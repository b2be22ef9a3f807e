"""How long to wait before trying again."""

import random
from datetime import UTC, datetime, timedelta

__all__ = ["LASTING_FAILURES", "MOST_ATTEMPTS", "next_attempt", "overtaking_pause", "retry_pause"]

MOST_ATTEMPTS = 56
"""With these pauses the last attempt is made about two days after the first."""
LASTING_FAILURES = 5
"""So many failures in a row, about ten minutes, are no passing trouble any more: somebody should look."""

_FIRST_S = 20
_LONGEST_S = 3600
_LONGEST_OVERTAKING_S = 1800
_LONGEST_WISH = timedelta(days=1)


def retry_pause(attempt: int, spread: float | None = None) -> timedelta:
    """The pause after attempt number `attempt` (from 1): doubling from 20 s up to 1 h, so that an outage of minutes does not hold up mail
    for half a day (RFC 5321 §4.5.4.1 asks for no less than half an hour), spread by ±20 % so that many do not retry at one moment.
    `spread` in -1…1 replaces chance."""
    base = min(_FIRST_S * 2 ** min(attempt - 1, 20), _LONGEST_S)
    share = random.uniform(-1, 1) if spread is None else spread
    return timedelta(seconds=base * (1 + 0.2 * share))


def overtaking_pause(attempt: int) -> timedelta:
    """The pause after attempt number `attempt` (from 1) at something that came before what it belongs to: that is seldom far, so it
    doubles from 2 s up to half an hour."""
    return timedelta(seconds=min(2 ** min(attempt, 20), _LONGEST_OVERTAKING_S))


def next_attempt(now: datetime, pause: timedelta, wish: object = None) -> datetime:
    """When to try again: at the moment the provider asked for, else after `pause`. A wish that is no aware moment is left out; one that
    has passed means soon, one further away than a day means in a day."""
    if not isinstance(wish, datetime) or wish.tzinfo is None:
        return now + pause
    return min(max(wish.astimezone(UTC), now + timedelta(seconds=1)), now + _LONGEST_WISH)
