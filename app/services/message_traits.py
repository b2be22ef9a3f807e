"""The marks of a message: what a channel or a filter said of them is checked, and becomes the JSON that the database keeps."""

from dataclasses import asdict, replace
from datetime import MAXYEAR, MINYEAR, date
from typing import Any

from app.plugin_api.messages import CalendarEvent, MessageTraits
from app.services.value_check import as_text, each_as, must_be

__all__ = ["checked_traits", "stored_traits"]

_MOST_PICTURES, _MOST_EVENTS, _LONGEST_TEXT = 1_000, 20, 300
_YEARS = range(MINYEAR + 1, MAXYEAR)
_NOTHING = MessageTraits()


def checked_traits(value: Any, name: str) -> MessageTraits:
    """The marks with every value of its declared type; the same object when there is nothing to mend. Raises `Nonsense`."""
    must_be(value, MessageTraits, name)
    if value == _NOTHING:
        return value
    must_be(value.tracking_pictures, int, name)
    checked = MessageTraits(
        is_signed=bool(value.is_signed),
        is_encrypted=bool(value.is_encrypted),
        tracking_pictures=min(max(0, value.tracking_pictures), _MOST_PICTURES),
        events=each_as(value.events, name, _event)[:_MOST_EVENTS],
    )
    return value if checked == value else checked


def stored_traits(traits: MessageTraits) -> dict[str, Any] | None:
    """Only what there is of it, None for nothing. Moments are texts of ISO 8601: with an offset, without one where they hold wherever one
    is, and without a time for whole days."""
    found: dict[str, Any] = {}
    if traits.is_signed:
        found["is_signed"] = True
    if traits.is_encrypted:
        found["is_encrypted"] = True
    if traits.tracking_pictures:
        found["tracking_pictures"] = traits.tracking_pictures
    if traits.events:
        found["events"] = [_stored(event) for event in traits.events]
    return found or None


def _event(value: Any, name: str) -> CalendarEvent:
    must_be(value, CalendarEvent, name)
    texts = {
        key: as_text(getattr(value, key), name)[:_LONGEST_TEXT]
        for key in ("method", "summary", "location", "organizer", "repeats", "answer")
    }
    starts, ends = (_shown_anywhere(moment, name) for moment in (value.starts, value.ends))
    return replace(value, starts=starts, ends=ends, **texts)


def _shown_anywhere(moment: Any, name: str) -> date | None:
    """None also for what has no place in the calendar of some time zones: it lies where time begins or ends."""
    if moment is not None:
        must_be(moment, date, name)
    return moment if moment is not None and moment.year in _YEARS else None


def _stored(event: CalendarEvent) -> dict[str, str]:
    values = asdict(event)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items() if value}
