"""What a form promises before anybody writes: that somebody is there, or when somebody will be, and how soon an answer comes."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from forms.definitions import FormDefinition
from plugins.webform.visiting.languages import Catalogue
from tidings import translatable
from tidings.hours import Hours, HoursError, read_hours

__all__ = ["promise_of"]

_DAY_H = 24
_TODAY = translatable("We are closed now and open again today at %(time)s.")
_TOMORROW = translatable("We are closed now and open again tomorrow at %(time)s.")
_AN_HOUR = translatable("We usually answer within an hour.")
_A_DAY = translatable("We usually answer within a day.")
_LATER = translatable("We are closed now and open again on %(day)s at %(time)s.")


def promise_of(definition: FormDefinition, now: datetime, catalogue: Catalogue) -> str:
    """One line in the catalogue's language; empty when the form promises nothing. Times are those of the form's zone."""
    hours = _hours(definition.hours, definition.zone)
    opens_at = hours.next_opening(now) if hours else None
    if opens_at is None or opens_at <= now:
        return _answers_within(definition.answers_within_h, catalogue)
    zone = ZoneInfo(definition.zone)
    return _open_again(opens_at.astimezone(zone), now.astimezone(zone), catalogue)


@lru_cache(maxsize=256)
def _hours(text: str, zone: str) -> Hours | None:
    """None where none were given, or none that can be read any more (a time zone that the world gave up)."""
    try:
        return read_hours(text, zone) if text.strip() else None
    except (HoursError, ValueError, KeyError):
        return None


def _open_again(opens_at: datetime, now: datetime, catalogue: Catalogue) -> str:
    words = {"time": f"{opens_at:%H:%M}", "day": _day_name(opens_at, catalogue.language)}
    if opens_at.date() == now.date():
        return catalogue.gettext(_TODAY) % words
    if opens_at.date() == now.date() + timedelta(days=1):
        return catalogue.gettext(_TOMORROW) % words
    return catalogue.gettext(_LATER) % words


def _answers_within(hours: int, catalogue: Catalogue) -> str:
    if hours <= 0:
        return ""
    days, rest = divmod(hours, _DAY_H)
    if hours == 1 or days == 1 and not rest:
        return catalogue.gettext(_AN_HOUR if hours == 1 else _A_DAY)
    if rest:
        said = catalogue.ngettext(
            "We usually answer within %(count)d hour.", "We usually answer within %(count)d hours.", hours
        )
        return said % {"count": hours}
    said = catalogue.ngettext(
        "We usually answer within %(count)d day.", "We usually answer within %(count)d days.", days
    )
    return said % {"count": days}


def _day_name(moment: datetime, language: str) -> str:
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.days["format"]["wide"][moment.weekday()])
