"""When things that are done once a night have their turn, each at a moment of its own, so that not all begin at once."""

from datetime import UTC, datetime, time, timedelta, tzinfo

__all__ = ["last_turn"]

_BEGINS = time(2, 0)
_MINUTES = 180
_STEP = 17
"""Neighbouring numbers are this many minutes apart."""


def last_turn(now: datetime, number: int, zone: tzinfo) -> datetime:
    """The last moment, in UTC and not after `now`, at which the thing of this number had its turn: between two and five at night in the
    zone. A day on which the clocks change has one turn, too."""
    today = now.astimezone(zone).date()
    turn = _turn_on(today, number, zone)
    return turn if turn <= now else _turn_on(today - timedelta(days=1), number, zone)


def _turn_on(day, number: int, zone: tzinfo) -> datetime:
    begins = datetime.combine(day, _BEGINS, zone) + timedelta(minutes=number * _STEP % _MINUTES)
    return begins.astimezone(UTC)
