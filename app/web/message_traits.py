"""The marks of what a message holds, in the reader's language and time zone: invitations with their times. `app.services.message_traits`
writes what is read here."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_time, get_timezone
from flask_babel import gettext

from app.plugin_api.texts import translatable
from app.queries.timeline import MessageRow
from app.web.contexts import EventMark
from app.web.locale import reader
from app.web.texts import translated

__all__ = ["event_marks"]

_HEADINGS = {
    "REQUEST": translatable("Invitation"),
    "CANCEL": translatable("Called off"),
    "COUNTER": translatable("Proposes another time"),
    "DECLINECOUNTER": translatable("Keeps the time"),
}
_ANSWERS = {
    "accepted": translatable("Accepts the invitation"),
    "declined": translatable("Declines the invitation"),
    "tentative": translatable("May accept the invitation"),
}
_EVENT = translatable("Event")
_REPEATS = {
    "daily": translatable("Repeats by days"),
    "weekly": translatable("Repeats by weeks"),
    "monthly": translatable("Repeats by months"),
    "yearly": translatable("Repeats by years"),
}


def event_marks(row: MessageRow) -> tuple[EventMark, ...]:
    """A box for each event."""
    return tuple(_mark(event) for event in (row.traits or {}).get("events", ()))


def _mark(event: Mapping[str, Any]) -> EventMark:
    starts, ends = _moment(event.get("starts")), _moment(event.get("ends"))
    method = event.get("method", "")
    heading = _ANSWERS.get(event.get("answer", "")) or _HEADINGS.get(method, _EVENT)
    return EventMark(
        heading=translated(heading),
        title=event.get("summary", "") or gettext("(no subject)"),
        when=_period(starts, ends) if starts else "",
        timezone=_timezone(starts),
        repeats=translated(_REPEATS[event["repeats"]]) if event.get("repeats") in _REPEATS else "",
        location=event.get("location", ""),
        organizer=event.get("organizer", ""),
        is_off=method == "CANCEL",
    )


def _moment(stored: str | None) -> date | datetime | None:
    """In the reader's zone if it is a moment; as it stands if it holds wherever one is, or is a whole day."""
    if not stored:
        return None
    if len(stored) == len("2026-03-05"):
        return date.fromisoformat(stored)
    found = datetime.fromisoformat(stored)
    return found.astimezone(get_timezone(reader().timezone)) if found.tzinfo else found


def _timezone(starts: date | datetime | None) -> str:
    if not isinstance(starts, datetime):
        return ""
    return reader().timezone.replace("_", " ") if starts.tzinfo else gettext("no time zone is named")


def _period(starts: date | datetime, ends: date | datetime | None) -> str:
    """ "Thursday, March 5, 2026, 10:00 – 11:00"; the day once where it is one."""
    if ends is None or ends == starts:
        return ", ".join(_parts(starts))
    first, last = _parts(starts), _parts(ends)
    if first[0] == last[0] and len(last) > 1:
        return f"{first[0]}, {first[1]} – {last[1]}"
    return f"{', '.join(first)} – {', '.join(last)}"


def _parts(at: date | datetime) -> list[str]:
    language = reader().language
    day = format_date(at, "full", locale=language)
    if not isinstance(at, datetime):
        return [day]
    return [day, format_time(at.time(), "short", locale=language)]
