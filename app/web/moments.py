"""Moments that agents choose: those that are offered, and what they posted. All in the reader's time zone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from app.domain.local_times import from_wall, mornings
from app.errors import InvalidInput
from app.web.contexts import Choice, Later
from app.web.formats import wall_time
from app.web.locale import reader

__all__ = ["later", "posted_moment", "snooze_choices", "zone"]


def zone() -> ZoneInfo:
    """The reader's time zone."""
    return ZoneInfo(reader().timezone)


def snooze_choices(now: datetime) -> tuple[Choice, ...]:
    """In three hours, tomorrow, Monday, in a week."""
    soon = {gettext("In three hours"): now.replace(microsecond=0) + timedelta(hours=3)}
    return _choices(soon | _named(now, "tomorrow", "monday", "week"))


def later(now: datetime, *, chosen: str = "", cancels_on_reply: bool = True) -> Later:
    """What the reply box offers for a message that leaves later, or a reminder."""
    return Later(
        moments=_choices(_named(now, "tomorrow", "monday", "week")),
        reminders=_choices(_named(now, "tomorrow", "three_days", "week")),
        chosen=chosen,
        timezone=zone().key.replace("_", " "),
        cancels_on_reply=cancels_on_reply,
    )


def posted_moment(form: Mapping[str, str], name: str) -> datetime | None:
    """The moment of a button `name`, or else of the field `name`_local; None when neither was used. Raises `InvalidInput` for what is
    none, and for an empty field where its own button (`name`_chosen) was pressed."""
    text, local = form.get(name, ""), form.get(f"{name}_local", "").strip()
    try:
        if text:
            at = datetime.fromisoformat(text)
            return at if at.tzinfo else None
        if local:
            return from_wall(local, zone())
    except (ValueError, OverflowError):
        raise InvalidInput(gettext("Choose a moment."), {name: gettext("This is no day and time.")}) from None
    if f"{name}_chosen" in form:
        raise InvalidInput(gettext("Choose a moment."), {name: gettext("Choose a day and a time first.")})
    return None


def _named(now: datetime, *names: str) -> dict[str, datetime]:
    known = mornings(now, zone())
    labels = {
        "tomorrow": gettext("Tomorrow"),
        "three_days": gettext("In three days"),
        "monday": gettext("Monday"),
        "week": gettext("In a week"),
    }
    return {labels[name]: known[name] for name in names}


def _choices(moments: Mapping[str, datetime]) -> tuple[Choice, ...]:
    """Each moment once, under the first of its names: on Mondays the next one is in a week."""
    names = {at: name for name, at in reversed(list(moments.items()))}
    return tuple(
        Choice(at.isoformat(timespec="seconds"), f"{name} · {wall_time(at, 'EEE H:mm')}")
        for at, name in sorted(names.items())
    )
