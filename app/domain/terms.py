"""When people hear of something that ends, such as a sign-in: 30, 7 and 1 days before, and once it has."""

from datetime import datetime, timedelta

__all__ = ["ENDED", "NOTICES", "SOON", "days_told"]

NOTICES = (1, 7, 30)
"""So many days before the end it is told, the last time first."""
ENDED = 0
SOON = timedelta(days=7)
"""From here on somebody should do something about it."""


def days_told(ends_at: datetime, now: datetime) -> int | None:
    """Which of the notices is due, by its days; `ENDED` when it is over, None while it is too early for any."""
    if ends_at <= now:
        return ENDED
    return next((days for days in NOTICES if ends_at <= now + timedelta(days=days)), None)
