"""How long to wait before trying again."""

import random
from datetime import timedelta

__all__ = ["LASTING_FAILURES", "MOST_ATTEMPTS", "retry_pause"]

MOST_ATTEMPTS = 14
"""With these pauses the last attempt is made about two days after the first."""
LASTING_FAILURES = 5
"""So many failures in a row, about ten minutes, are no passing trouble any more: somebody should look."""

_FIRST_S = 20
_LONGEST_S = 6 * 3600


def retry_pause(attempt: int, spread: float | None = None) -> timedelta:
    """The pause after attempt number `attempt` (from 1): doubling from 20 s up to 6 h, spread by ±20 % so that many do not retry at
    one moment. `spread` in -1…1 replaces chance."""
    base = min(_FIRST_S * 2 ** min(attempt - 1, 20), _LONGEST_S)
    share = random.uniform(-1, 1) if spread is None else spread
    return timedelta(seconds=base * (1 + 0.2 * share))
