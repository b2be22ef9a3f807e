"""Promises of reading invitations: what, when and where, from any program's file, and in a moment whatever stands in it."""

import time
from datetime import UTC, date, datetime

import pytest

from app.mime import parse_message
from app.mime.calendar import MOST_EVENTS, CalendarEvent, read_calendar

CUSTOM_ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\n"
    "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n"
    "BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\n"
    "END:VTIMEZONE\n"
)


def create_calendar(*lines, method="METHOD:REQUEST", before=""):
    body = "\n".join(lines)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{method}\n{before}BEGIN:VEVENT\n{body}\nEND:VEVENT\nEND:VCALENDAR\n"


def the_event(*lines, **changes) -> CalendarEvent:
    (event,) = read_calendar(create_calendar(*lines, **changes))
    return event


def test_an_invitation_says_what_when_where_and_who_asks():
    event = the_event(
        "SUMMARY;LANGUAGE=en:Lamps\\, and\\n shades",
        "  of all kinds",
        "DTSTART:20260305T100000Z",
        "DTEND:20260305T113000Z",
        "LOCATION:Room 2\\; first floor",
        'ORGANIZER;CN="Lovelace, Ada";ROLE=CHAIR:MAILTO:ada@example.com',
        "RRULE:FREQ=WEEKLY;COUNT=10",
        "BEGIN:VALARM",
        "SUMMARY:Wake up",
        "END:VALARM",
    )
    assert event == CalendarEvent(
        method="REQUEST",
        summary="Lamps, and shades of all kinds",
        starts=datetime(2026, 3, 5, 10, tzinfo=UTC),
        ends=datetime(2026, 3, 5, 11, 30, tzinfo=UTC),
        location="Room 2; first floor",
        organizer="Lovelace, Ada <ada@example.com>",
        repeats="weekly",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DTSTART:20260305T100000Z", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        ("DTSTART;TZID=Europe/Berlin:20260305T100000", datetime(2026, 3, 5, 9, tzinfo=UTC)),
        ("DTSTART;TZID=Europe/Berlin:20260705T100000", datetime(2026, 7, 5, 8, tzinfo=UTC)),
        ('DTSTART;TZID="/example.org/2026_1/America/New_York":20260305T100000', datetime(2026, 3, 5, 15, tzinfo=UTC)),
        ("DTSTART;TZID=W. Europe Standard Time:20260705T100000", datetime(2026, 7, 5, 8, tzinfo=UTC)),
        ("DTSTART;TZID=Customized Time Zone:20260705T100000", datetime(2026, 7, 5, 8, tzinfo=UTC)),
        ("DTSTART;TZID=Customized Time Zone:20261105T100000", datetime(2026, 11, 5, 9, tzinfo=UTC)),
        ("DTSTART;TZID=Customized Time Zone:20260105T100000", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("DTSTART;TZID=Nobody's:20260305T100000", datetime(2026, 3, 5, 10)),
        ("DTSTART;TZID=../../etc/passwd:20260305T100000", datetime(2026, 3, 5, 10)),
        ("DTSTART:20260305T100000", datetime(2026, 3, 5, 10)),
        ("DTSTART;VALUE=DATE:20260305", date(2026, 3, 5)),
        ("DTSTART:20261305T100000Z", None),
        ("DTSTART;TZID=Asia/Tokyo:00010101T000000", None),
        ("DTSTART:00010101T000000Z", None),
        ("DTSTART:99991231T235959Z", None),
        ("DTSTART:soon", None),
    ],
)
def test_a_moment_is_read_in_every_form(line, expected):
    assert the_event(line, before=CUSTOM_ZONE).starts == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20260305T100000Z", "DURATION:PT1H30M"], datetime(2026, 3, 5, 11, 30, tzinfo=UTC)),
        (["DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260307"], date(2026, 3, 6)),
        (["DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260306"], date(2026, 3, 5)),
        (["DTSTART:20260305T100000Z", "DTEND:20260305T090000Z"], None),
        (["DTSTART:20260305T100000Z", "DTEND:20260306"], None),
        (["DTSTART:20260305T100000Z", "DTEND:20260305T110000"], None),
        (["DTSTART:20260305T100000Z", "DURATION:P1W"], datetime(2026, 3, 12, 10, tzinfo=UTC)),
        (["DTSTART:99990305T100000Z", "DURATION:P9999W99999D"], None),
        (["DTSTART:20260305T100000Z"], None),
        (["DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:00010101"], None),
    ],
)
def test_an_end_is_read_in_every_form(lines, expected):
    assert the_event(*lines).ends == expected


def test_an_answer_and_a_cancelled_event_are_told():
    answer = the_event("SUMMARY:x", "ATTENDEE;PARTSTAT=DECLINED;CN=Ada:mailto:ada@example.com", method="METHOD:REPLY")
    assert (answer.method, answer.answer) == ("REPLY", "declined")
    assert the_event("SUMMARY:x", "STATUS:CANCELLED", method="METHOD:PUBLISH").method == "CANCEL"


def test_what_is_damaged_gives_what_is_there():
    assert read_calendar("junk") == read_calendar("") == ()
    assert read_calendar("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Lamps\nDTST")[0].summary == "Lamps"
    assert len(read_calendar(create_calendar("SUMMARY:x") * 50)) == MOST_EVENTS


@pytest.mark.parametrize(
    "hostile",
    [
        "BEGIN:VEVENT\n" * 200_000,
        "BEGIN:VEVENT\nSUMMARY" + ';A="' * 100_000 + "\n",
        "BEGIN:VEVENT\nSUMMARY:" + "\\" * 500_000,
        "BEGIN:VEVENT\nSUMMARY:x\n" + " y\n" * 300_000,
        create_calendar("DTSTART;TZID=x:20260305T100000", before=CUSTOM_ZONE.replace("FREQ=YEARLY", "FREQ=SECONDLY") * 2_000),
    ],
    ids=["open", "parameters", "escapes", "folds", "zones"],
)  # fmt: skip
def test_a_hostile_file_takes_no_time(hostile):
    started = time.monotonic()
    read_calendar(hostile)
    assert time.monotonic() - started < 2


def test_a_mail_tells_each_of_its_events_once():
    calendar = create_calendar("SUMMARY:Grüße", "DTSTART:20260305T100000Z").replace("\n", "\r\n")
    part = f"Content-Type: {{}}; charset=utf-8; method=REQUEST\r\n\r\n{calendar}\r\n"
    raw = (
        "From: ada@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        + "--b\r\n".join(part.format(kind) for kind in ("text/calendar", "application/ics"))
        + "--b--\r\n"
    ).encode()
    mail = parse_message(raw)
    assert [(one.method, one.summary) for one in mail.events] == [("REQUEST", "Grüße")]
    assert len(mail.attachments) == 2
