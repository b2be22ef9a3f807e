"""What came to an account today, hour by hour, beside what usually does."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo

from flask_babel import format_decimal, format_time, gettext

from app.domain.silence import HOUR, LEARNT_FROM, LEAST_DAYS, Usual, expected_between, usual
from app.services.arrivals import Arrivals, arrivals_by_account
from app.services.core import Core
from app.services.silence import installation_zone
from app.web.contexts.arrivals import ArrivalsBox, HourBar

__all__ = ["arrivals_box"]


def arrivals_box(core: Core, account_id: int, *, warns: bool) -> ArrivalsBox:
    """The box of an account. The day is that of the business's time zone."""
    now, zone = core.clock.now(), installation_zone(core)
    history = arrivals_by_account(core.session, now - LEARNT_FROM, account_id).get(account_id, Arrivals())
    learnt = usual(history.arrived, history.watched, now, zone)
    begins = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    is_known = learnt.days >= LEAST_DAYS
    bars = tuple(_bars(learnt, history, begins, zone, is_known))
    return ArrivalsBox(
        sentence=_sentence(learnt, history, begins, now, zone, is_known),
        bars=bars,
        top=max((max(bar.usual, bar.arrived) for bar in bars), default=0),
        warns=warns,
        is_known=is_known,
    )


def _sentence(learnt: Usual, history: Arrivals, begins: datetime, now: datetime, zone: tzinfo, is_known: bool) -> str:
    today = format_decimal(sum(count for hour, count in history.arrived.items() if begins <= hour <= now))
    if not is_known:
        return gettext("Today %(today)s. What is usual is known after two weeks.", today=today)
    expected = format_decimal(round(expected_between(learnt, begins, now, zone)))
    return gettext("Usual by this time of day: %(usual)s · today %(today)s", usual=expected, today=today)


def _bars(learnt: Usual, history: Arrivals, begins: datetime, zone: tzinfo, is_known: bool) -> Iterator[HourBar]:
    """The hours of the day; 23 or 25 when the clocks change."""
    ends = datetime.combine(begins.astimezone(zone).date() + timedelta(days=1), time(), zone).astimezone(UTC)
    hour = begins
    while hour < ends:
        expected = expected_between(learnt, hour, hour + HOUR, zone) if is_known else 0.0
        arrived = history.arrived.get(hour, 0)
        local = hour.astimezone(zone)
        text = gettext("%(time)s: %(arrived)s came, %(usual)s are usual")
        words = {
            "time": format_time(local.time(), "short", rebase=False),
            "arrived": format_decimal(arrived),
            "usual": format_decimal(round(expected, 1)),
        }
        yield HourBar(str(local.hour), text % words, expected, arrived)
        hour += HOUR
