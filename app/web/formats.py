"""How times and sizes read on a page: Jinja filters in the agent's language and time zone.

The theme uses `brief_time`, `full_time`, `wall_time`, `iso_time`, `time_left`, `duration` and `file_size`; scripts refresh what
`brief_time` and `time_left` wrote.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_datetime, format_timedelta, get_timezone
from babel.units import format_unit
from flask import Flask
from flask_babel import get_locale, gettext

from app.web.locale import Reader, reader

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=6)


def register(app: Flask) -> None:
    """Give the filters to the templates of `app`."""
    for filter_ in (brief_time, full_time, wall_time, iso_time, time_left, duration, file_size):
        app.jinja_env.filters[filter_.__name__] = filter_


def brief_time(at: datetime, now: datetime | None = None) -> str:
    """As short as a list allows: `now`, `3 min`, `2 hr`, `Tue`, `12 Nov`, `12 Nov 2024`. `at` is aware.

    The distance counts, not the direction: `3 min` is three minutes ago or ahead.
    """
    return brief_time_for(reader(), at, now or datetime.now(UTC))


def brief_time_for(who: Reader, at: datetime, now: datetime) -> str:
    """`brief_time` for many moments of one page."""
    distance = abs(now - at)
    if distance < MINUTE:
        return gettext("now")
    if distance < DAY:
        return _length(_whole_units(distance), who.language)
    if distance < WEEK:
        return _formatted(at, "EEE", who.language, who.timezone)
    pattern = "d MMM" if _year(at, who.timezone) == _year(now, who.timezone) else "d MMM y"
    return _formatted(at, pattern, who.language, who.timezone)


def full_time(at: datetime) -> str:
    """Date and time in full, for titles and details."""
    who = reader()
    return _formatted(at, "medium", who.language, who.timezone)


def wall_time(at: datetime, pattern: str = "EEE d MMM, H:mm") -> str:
    """A moment to look forward to, with its weekday: `Mon 9 Mar, 9:00`."""
    who = reader()
    return _formatted(at, pattern, who.language, who.timezone)


def iso_time(at: datetime) -> str:
    """Machine-readable, in UTC, whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def time_left(until: datetime) -> str:
    """How long it is until a moment, as `duration` says it; a minute when it is over."""
    return duration(until - datetime.now(UTC))


def duration(length: timedelta) -> str:
    """The largest whole unit of a positive length of time: `3 min`, `2 hr`, `4 days`."""
    return _length(_whole_units(length), reader().language)


@lru_cache(maxsize=20_000)
def _formatted(at: datetime, pattern: str, language: str, timezone: str) -> str:
    """Remembered, because lists show the same moments again and again."""
    return format_datetime(at, pattern, tzinfo=get_timezone(timezone), locale=language)


@lru_cache(maxsize=20_000)
def _year(at: datetime, timezone: str) -> int:
    return at.astimezone(get_timezone(timezone)).year


@lru_cache(maxsize=2_000)
def _length(length: timedelta, language: str) -> str:
    return format_timedelta(length, threshold=1, format="short", locale=language)


def _whole_units(length: timedelta) -> timedelta:
    """Round down to whole days, hours or minutes: Babel alone would round 100 minutes up to 2 hours."""
    for unit in (DAY, timedelta(hours=1), MINUTE):
        if length >= unit:
            return unit * (length // unit)
    return MINUTE


def file_size(size_bytes: int) -> str:
    """`812 bytes`, `34 kB`, `1.2 MB`."""
    locale = get_locale() or Locale("en")
    for unit, factor in (("megabyte", 1_000_000), ("kilobyte", 1_000)):
        if size_bytes >= factor:
            digits = "0.#" if size_bytes < 10 * factor else "0"
            return format_unit(size_bytes / factor, f"digital-{unit}", "short", format=digits, locale=locale)
    if locale.language == "en":  # its short form has no plural, and Greek has no long one
        return format_unit(size_bytes, "digital-byte", "long", locale=locale)
    return format_unit(size_bytes, "digital-byte", "short", locale=locale)
