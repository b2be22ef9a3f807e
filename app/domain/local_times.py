"""Moments as people name them: by the clock on their wall, in their time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["from_wall", "mornings", "on_wall"]

_MORNING_H = 9


def from_wall(text: str, zone: ZoneInfo) -> datetime:
    """The moment of "2026-03-29T09:00" (as `<input type="datetime-local">` writes it) in a zone, in UTC. Raises ValueError for anything
    else. An hour that a clock strikes twice is the first; one that it skips is an hour later."""
    wall = datetime.fromisoformat(text)
    if wall.tzinfo is not None:
        raise ValueError("a time on the wall has no zone of its own")
    return wall.replace(tzinfo=zone).astimezone(UTC)


def on_wall(at: datetime, zone: ZoneInfo) -> str:
    """A moment (aware) as `<input type="datetime-local">` wants it, to the minute."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def mornings(now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The mornings people put things off to, in UTC, each at nine by their clock: tomorrow, in three days, next Monday, in a week."""
    nine = now.astimezone(zone).replace(hour=_MORNING_H, minute=0, second=0, microsecond=0)
    days = {"tomorrow": 1, "three_days": 3, "monday": 7 - nine.weekday(), "week": 7}
    return {name: (nine + timedelta(days=count)).astimezone(UTC) for name, count in days.items()}
