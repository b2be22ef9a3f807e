"""When somebody is there: the hours of a week as an admin types them, "Mon-Fri 09:00-17:00", in a time zone. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Hours", "HoursError", "read_hours"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(r"(?P<days>[a-z]{3}(?:\s*[-,]\s*[a-z]{3})*)\s+(?P<spans>.+)\Z")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\Z")


class HoursError(ValueError):
    """A line cannot be read; `line` is that line."""

    def __init__(self, line: str) -> None:
        super().__init__(f"{line!r} names no hours such as Mon-Fri 09:00-17:00")
        self.line = line


@dataclass(frozen=True, slots=True)
class Hours:
    """Open spans by weekday, Monday first, as (first minute, minute after the last) of the day. `is_always`: nothing was said."""

    week: tuple[tuple[tuple[int, int], ...], ...]
    zone: str = "UTC"
    is_always: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is there at this moment."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return self.is_always or any(first <= minute < end for first, end in self.week[local.weekday()])

    def next_opening(self, now: datetime) -> datetime | None:
        """When somebody is there again, in UTC: `now` itself while somebody is; None where no hours were given for any day."""
        if self.is_open(now):
            return now.astimezone(UTC)
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        days = [today + timedelta(days=number) for number in range(len(DAYS) + 1)]
        starts = [
            (day + timedelta(minutes=first)).astimezone(UTC) for day in days for first, _ in self.week[day.weekday()]
        ]
        return min((start for start in starts if start > now), default=None)


def read_hours(text: str, zone: str = "UTC") -> Hours:
    """One line for some days: "Mon-Fri 09:00-12:30 13:30-17:00", "Sat,Sun 10:00-14:00". Nothing at all: always open. Raises
    `HoursError`."""
    week: list[tuple[tuple[int, int], ...]] = [() for _ in DAYS]
    lines = [line.strip() for line in re.split(r"[\n;]", text) if line.strip()]
    for line in lines:
        match = _LINE.match(line.lower().replace("–", "-"))
        if match is None:
            raise HoursError(line)
        spans = tuple(_span(word, line) for word in re.split(r"[\s,]+(?=\d)", match["spans"].strip()))
        for day in _days(match["days"], line):
            week[day] += spans
    return Hours(tuple(week), zone, is_always=not lines)


def _days(text: str, line: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = (one.strip() for one in part.partition("-"))
        if first not in DAYS or (last and last not in DAYS):
            raise HoursError(line)
        start, end = DAYS.index(first), DAYS.index(last or first)
        found += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return found


def _span(text: str, line: str) -> tuple[int, int]:
    match = _SPAN.match(text)
    if match is None:
        raise HoursError(line)
    hour, minute, end_hour, end_minute = (int(one) for one in match.groups())
    if not (minute < 60 and end_minute < 60 and hour * 60 + minute < end_hour * 60 + end_minute <= 24 * 60):
        raise HoursError(line)
    return hour * 60 + minute, end_hour * 60 + end_minute
