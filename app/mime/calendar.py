"""What an iCalendar file says of its events (RFC 5545, RFC 5546): enough to tell what one is invited to, when and where.

Recurrence is only named, not worked out. Which moment a local time is stands in `calendar_zones`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from .calendar_zones import Observance, as_utc
from .words import clean_line

__all__ = ["CALENDAR_TYPES", "MOST_EVENTS", "CalendarEvent", "read_calendar"]

CALENDAR_TYPES = {"text/calendar", "application/ics"}
MOST_EVENTS = 20
_MOST_LINES, _LONGEST_FILE, _LONGEST_LINE, _LONGEST_TEXT = 20_000, 1_000_000, 5_000, 300
_LINE = re.compile(r'([A-Za-z0-9-]{1,60})((?:;(?:"[^"]*"|[^":])*)?):(.*)', re.S)
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"]*"|[^";]*)')
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")
_ESCAPED = re.compile(r"\\(.)", re.S)
_YEARS = range(1600, 9001)
"""Far enough from where time ends for any zone, day and length. The rules of Windows' zones begin in 1601."""
_FREQUENCIES = {"daily", "weekly", "monthly", "yearly"}


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event of a calendar file. `starts` and `ends` are aware UTC; naive where the file names no time zone that is known, so that they
    hold wherever one is; and plain dates for whole days, `ends` being the last one. `method`: what the file is for (RFC 5546), in capitals:
    REQUEST invites, CANCEL calls it off, REPLY answers, COUNTER proposes another time, PUBLISH tells. `organizer`: a name, an address or
    both. `repeats`: daily, weekly, monthly, yearly, or empty. `answer`: of a REPLY, accepted, declined or tentative. Since API 3."""

    method: str = ""
    summary: str = ""
    starts: date | datetime | None = None
    ends: date | datetime | None = None
    location: str = ""
    organizer: str = ""
    repeats: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class _Property:
    value: str
    parameters: dict[str, str] = field(default_factory=dict)


_Properties = dict[str, _Property]
_ANSWERS = {"accepted", "declined", "tentative"}
_NOTHING = _Property("")


def read_calendar(text: str, method: str = "") -> tuple[CalendarEvent, ...]:
    """The first twenty events of a file, none for what is no calendar. `method` stands in where the file names none. Never raises."""
    whole: _Properties = {}
    events: list[_Properties] = []
    zones: dict[str, list[Observance]] = {}
    zone, onsets = "", []
    for name, properties in _components(text):
        if name == "VCALENDAR":
            whole = properties
        elif name == "VEVENT" and len(events) < MOST_EVENTS:
            events.append(properties)
        elif name in ("STANDARD", "DAYLIGHT"):
            onsets.append(properties)
        elif name == "VTIMEZONE":
            zone = properties.get("TZID", _NOTHING).value
            zones[zone] = [one for one in map(_observance, onsets) if one]
            onsets = []
    purpose = clean_line(whole.get("METHOD", _NOTHING).value or method).upper()[:20]
    return tuple(_event(one, purpose, zones) for one in events)


def _components(text: str) -> Iterator[tuple[str, _Properties]]:
    """(name, properties) of each component as it ends, inner ones first; what never ends, ends with the file."""
    stack: list[tuple[str, _Properties]] = []
    for line in _lines(text):
        match = _LINE.match(line)
        if match is None:
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN":
            stack.append((value.strip().upper(), {}))
        elif name == "END":
            if stack and stack[-1][0] == value.strip().upper():
                yield stack.pop()
        elif stack:
            stack[-1][1].setdefault(name, _Property(value, _parameters(match[2])))
    yield from reversed(stack)


def _lines(text: str) -> list[str]:
    """Unfolded (RFC 5545 §3.1)."""
    lines: list[list[str]] = []
    for line in text[:_LONGEST_FILE].splitlines()[:_MOST_LINES]:
        if line[:1] in (" ", "\t") and lines:
            lines[-1].append(line[1:])
        else:
            lines.append([line])
    return ["".join(parts)[:_LONGEST_LINE] for parts in lines]


def _parameters(text: str) -> dict[str, str]:
    return {match[1].upper(): match[2].strip('"') for match in _PARAMETER.finditer(text)} if text else {}


def _event(found: _Properties, method: str, zones: dict[str, list[Observance]]) -> CalendarEvent:
    starts = _moment(found.get("DTSTART"), zones)
    status = clean_line(found.get("STATUS", _NOTHING).value).upper()
    frequency = re.search(r"FREQ=([A-Za-z]{1,10})", found.get("RRULE", _NOTHING).value)
    repeats = frequency[1].lower() if frequency else ""
    return CalendarEvent(
        method="CANCEL" if status == "CANCELLED" else method,
        summary=_text(found, "SUMMARY"),
        starts=starts,
        ends=_end(found, starts, zones),
        location=_text(found, "LOCATION"),
        organizer=_person(found.get("ORGANIZER", _NOTHING)),
        repeats=repeats if repeats in _FREQUENCIES else "",
        answer=_answer(found) if method == "REPLY" else "",
    )


def _text(found: _Properties, name: str) -> str:
    """The value of a property on one line, its escapes resolved (RFC 5545 §3.3.11)."""
    value = found.get(name, _NOTHING).value[: 4 * _LONGEST_TEXT]
    words = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value).split()
    return clean_line(" ".join(words))[:_LONGEST_TEXT]


def _person(organizer: _Property) -> str:
    address = clean_line(organizer.value)[:_LONGEST_TEXT]
    address = address[7:] if address.lower().startswith("mailto:") else ""
    name = clean_line(organizer.parameters.get("CN", ""))[:_LONGEST_TEXT]
    return f"{name} <{address}>" if name and address and name != address else name or address


def _answer(found: _Properties) -> str:
    answer = found.get("ATTENDEE", _NOTHING).parameters.get("PARTSTAT", "").lower()
    return answer if answer in _ANSWERS else ""


def _end(
    found: _Properties, starts: date | datetime | None, zones: dict[str, list[Observance]]
) -> date | datetime | None:
    ends = _moment(found.get("DTEND"), zones)
    if ends is None and starts is not None:
        ends = _after(starts, found.get("DURATION", _NOTHING).value)
    if starts is None or ends is None or isinstance(starts, datetime) != isinstance(ends, datetime):
        return None
    if not isinstance(ends, datetime):
        ends -= timedelta(days=1)  # the file names the first day on which it is over
    if isinstance(starts, datetime) and isinstance(ends, datetime) and (starts.tzinfo is None) != (ends.tzinfo is None):
        return None
    return ends if ends >= starts else None


def _after(starts: date | datetime, duration: str) -> date | datetime | None:
    match = _DURATION.fullmatch(duration.strip().lstrip("+"))
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    try:
        return starts + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def _moment(found: _Property | None, zones: dict[str, list[Observance]]) -> date | datetime | None:
    match = _MOMENT.fullmatch(found.value.strip()) if found else None
    if found is None or match is None:
        return None
    year, month, day = (int(number) for number in match.group(1, 2, 3))
    if year not in _YEARS:
        return None
    try:
        if match[4] is None:
            return date(year, month, day)
        local = datetime(year, month, day, int(match[4]), int(match[5]), min(int(match[6]), 59))
        if match[7]:
            return local.replace(tzinfo=UTC)
        zone = found.parameters.get("TZID", "")
        return as_utc(local, zone, zones.get(zone, ())) or local
    except (ValueError, OverflowError):
        return None


def _observance(found: _Properties) -> Observance | None:
    begins = _moment(_Property(found.get("DTSTART", _NOTHING).value), {})
    if not isinstance(begins, datetime):
        return None
    return Observance.read(
        begins.replace(tzinfo=None), found.get("TZOFFSETTO", _NOTHING).value, found.get("RRULE", _NOTHING).value
    )
