"""Leases: who works on something says until when nobody else need look after it."""

from datetime import datetime, timedelta

__all__ = ["is_leased"]


def is_leased(until: datetime | None, now: datetime, length: timedelta) -> bool:
    """Whether a lease still runs. A little more than its whole length from now is usual: its holder may have prolonged it while the one who
    asks waited for the row. One that ends further away than twice its length was written by a wrong clock."""
    return until is not None and now < until <= now + 2 * length
