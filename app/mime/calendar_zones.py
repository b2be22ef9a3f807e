"""Which moment a local time of a calendar file is: by the name of its time zone, or by the rules that the file itself gives for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["Observance", "as_utc"]

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?")
_DAY = re.compile(r"([+-]?\d)(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Observance:
    """One half of a time zone's year as a file describes it (RFC 5545 §3.6.5): the offset from UTC that holds from `begins` (local time)
    on, again each year on the `nth` weekday of a month until the year `until`. Without a month it begins once."""

    begins: datetime
    offset: timedelta
    month: int = 0
    nth: int = 0
    weekday: int = 0
    until: int = 9999

    @classmethod
    def read(cls, begins: datetime, offset: str, rule: str) -> Observance | None:
        """What the lines DTSTART, TZOFFSETTO and RRULE say; None when that is no offset."""
        match = _OFFSET.fullmatch(offset.strip())
        if match is None:
            return None
        length = timedelta(hours=int(match[2]), minutes=int(match[3]))
        said = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
        month = said.get("BYMONTH", "")
        day = _DAY.fullmatch(said.get("BYDAY", ""))
        is_month = month.isdecimal() and len(month) < 3
        in_month, nth, weekday = (int(month), int(day[1]), _DAYS.index(day[2])) if day and is_month else (0, 0, 0)
        until = said.get("UNTIL", "")[:4]
        last = int(until) if until.isdecimal() else 9999
        return cls(begins, -length if match[1] == "-" else length, in_month, nth, weekday, last)

    def last_before(self, local: datetime) -> datetime | None:
        """When it began for the last time before a moment; None when it had not."""
        starts = [self.begins, *(filter(None, (self._in_year(year) for year in (local.year - 1, local.year))))]
        return max((one for one in starts if self.begins <= one <= local), default=None)

    def _in_year(self, year: int) -> datetime | None:
        if not 1 <= self.month <= 12 or not self.nth or year > self.until or not 2 <= year < 9999:
            return None
        return datetime.combine(_nth_weekday(year, self.month, self.nth, self.weekday), self.begins.time())


def as_utc(local: datetime, name: str, rules: Sequence[Observance]) -> datetime | None:
    """The moment in UTC; None when nothing is known of the zone."""
    zone = _zone(name[:_LONGEST_NAME]) if name else None
    if zone is not None:
        return local.replace(tzinfo=zone).astimezone(UTC)
    begun = [(start, rule.offset) for rule in rules if (start := rule.last_before(local))]
    if begun:
        return (local - max(begun)[1]).replace(tzinfo=UTC)
    return (local - rules[0].offset).replace(tzinfo=UTC) if rules else None


@lru_cache(maxsize=500)
def _zone(name: str) -> ZoneInfo | None:
    """By its name in the world's list, also below a prefix ("/example.org/Europe/Berlin"), or by that of Windows."""
    from babel.core import get_global  # only where there is an invitation: it costs as much as reading ten mails

    known = get_global("windows_zone_mapping").get(name)
    parts = name.strip("/").split("/")
    candidates = (
        [known] if known else ["/".join(parts[-length:]) for length in (len(parts), 3, 2, 1) if length <= len(parts)]
    )
    for candidate in candidates:
        try:
            return ZoneInfo(str(candidate))
        except (ValueError, OSError, LookupError):
            continue
    return None


def _nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """The second Sunday of a month, or with a negative number counted from its end."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (min(nth, 4) - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (min(-nth, 4) - 1))
