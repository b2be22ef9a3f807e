"""What visitors are told of when somebody answers: the truth, in the form's own time zone."""

from datetime import datetime
from gettext import c2py
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from forms.definitions import FormDefinition
from plugins import webform
from plugins.webform.visiting.languages import Catalogue
from plugins.webform.visiting.promise import promise_of
from tidings.testing import FakeHost

BERLIN = ZoneInfo("Europe/Berlin")
with (Path(webform.__file__).parent / "translations" / "ru" / "LC_MESSAGES" / "messages.po").open("rb") as file:
    RUSSIAN = read_po(file, locale="ru")
WEEK = "Mon-Fri 09:00-12:00 13:00-17:00"


def said(
    day: int, time: str, hours: str = WEEK, within: int = 4, language: str = "en", host: FakeHost | None = None
) -> str:
    """What the form says in March 2026, whose 2nd is a Monday."""
    definition = FormDefinition((language,), (), hours=hours, zone="Europe/Berlin", answers_within_h=within)
    hour, minute = map(int, time.split(":"))
    now = datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
    return promise_of(definition, now, Catalogue(host or FakeHost("webform"), language))


@pytest.mark.parametrize(
    ("day", "time", "line"),
    [
        (2, "09:00", "We usually answer within 4 hours."),
        (2, "08:59", "We are closed now and open again today at 09:00."),
        (2, "12:30", "We are closed now and open again today at 13:00."),
        (2, "17:00", "We are closed now and open again tomorrow at 09:00."),
        (6, "17:00", "We are closed now and open again on Monday at 09:00."),
        (8, "23:59", "We are closed now and open again tomorrow at 09:00."),
        (27, "18:00", "We are closed now and open again on Monday at 09:00."),
    ],
)
def test_a_form_says_when_somebody_answers(day, time, line):
    assert said(day, time) == line


@pytest.mark.parametrize(
    ("within", "line"),
    [
        (0, ""),
        (1, "We usually answer within an hour."),
        (30, "We usually answer within 30 hours."),
        (24, "We usually answer within a day."),
        (48, "We usually answer within 2 days."),
        (25, "We usually answer within 25 hours."),
    ],
)
@pytest.mark.parametrize("hours", ["", WEEK])
def test_a_form_promises_no_more_than_its_owner(within, line, hours):
    assert said(3, "10:00", hours, within) == line


def test_a_form_speaks_its_visitors_language():
    host = FakeHost("webform")
    host.translations["de"] = {
        "We are closed now and open again on %(day)s at %(time)s.": "Wieder offen: %(day)s, %(time)s."
    }
    assert said(6, "20:00", language="de", host=host) == "Wieder offen: Montag, 09:00."
    assert "Monday" in said(6, "20:00", language="xx")


@pytest.mark.parametrize(
    ("within", "line"),
    [
        (1, "Обычно мы отвечаем в течение часа."),
        (21, "Обычно мы отвечаем в течение 21 часа."),
        (22, "Обычно мы отвечаем в течение 22 часов."),
        (25, "Обычно мы отвечаем в течение 25 часов."),
        (24, "Обычно мы отвечаем в течение дня."),
        (21 * 24, "Обычно мы отвечаем в течение 21 дня."),
        (31 * 24, "Обычно мы отвечаем в течение 31 дня."),
        (11 * 24, "Обычно мы отвечаем в течение 11 дней."),
    ],
)
def test_a_number_is_said_in_languages_where_21_counts_like_1(within, line):
    class Russian(FakeHost):
        def gettext(self, text: str, language: str = "") -> str:
            return RUSSIAN[text].string

        def ngettext(self, singular: str, plural: str, count: int, language: str = "") -> str:
            return RUSSIAN[singular].string[which_form(count)]

    which_form = c2py(RUSSIAN.plural_expr)
    definition = FormDefinition(("ru",), (), answers_within_h=within)
    assert promise_of(definition, datetime(2026, 3, 2, tzinfo=BERLIN), Catalogue(Russian("webform"), "ru")) == line


def test_hours_that_nobody_can_read_any_more_promise_nothing_of_opening():
    assert said(7, "10:00", "whenever", 4) == "We usually answer within 4 hours."
    assert said(7, "10:00", "Mon 09:00-09:01", 0).startswith("We are closed")
