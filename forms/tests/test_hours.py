"""Promises of the hours of a week: read as an admin types them, meant in their zone, and when the next of them begin."""

from datetime import UTC, datetime

import pytest

from forms.hours import Hours, HoursError, read_hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        ("", "2026-03-01T03:00", True),
        ("Mon-Fri 09:00-17:00", "2026-03-02T08:00", True),
        ("Mon-Fri 09:00-17:00", "2026-03-02T07:59", False),
        ("Mon-Fri 09:00-17:00", "2026-03-02T16:00", False),
        ("Mon-Fri 09:00-17:00", "2026-03-01T10:00", False),
        ("Mon-Fri 09:00-12:30 13:30-17:00", "2026-03-02T12:00", False),
        ("Mon-Fri 09:00-12:30, 13:30-17:00", "2026-03-02T13:00", True),
        ("Sat,Sun 10:00-14:00; Mon 8:00-24:00", "2026-03-01T10:00", True),
        ("Fri-Mon 10:00-11:00", "2026-03-01T09:30", True),
        ("Mon-Fri 09:00-17:00", "2026-07-06T07:00", True),
    ],
)
def test_hours_are_meant_in_their_zone(hours: str, moment: str, is_open: bool) -> None:
    assert read_hours(hours, "Europe/Berlin").is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    "hours", ["always", "Mon 9-17", "Mon 17:00-09:00", "Mon 09:00-25:00", "Xyz 09:00-10:00", "Mon"]
)
def test_hours_that_cannot_be_read_are_refused_with_their_line(hours: str) -> None:
    with pytest.raises(HoursError) as refused:
        read_hours(f"Tue 09:00-10:00\n{hours}")
    assert refused.value.line == hours


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        ("", "2026-03-01T03:00", "2026-03-01T03:00"),
        ("Mon-Fri 09:00-17:00", "2026-03-02T08:30", "2026-03-02T08:30"),
        ("Mon-Fri 09:00-17:00", "2026-03-02T07:59", "2026-03-02T08:00"),
        ("Mon-Fri 09:00-17:00", "2026-03-06T16:00", "2026-03-09T08:00"),
        ("Mon 09:00-17:00", "2026-03-02T16:00", "2026-03-09T08:00"),
        ("Mon-Fri 09:00-12:30 13:30-17:00", "2026-03-02T11:45", "2026-03-02T12:30"),
        ("Mon-Fri 09:00-24:00", "2026-03-02T23:30", "2026-03-03T08:00"),
        ("Sun 09:00-17:00", "2026-03-28T12:00", "2026-03-29T07:00"),
        ("Mon 09:00-17:00", "2026-10-24T12:00", "2026-10-26T08:00"),
    ],
)
def test_the_next_opening_is_found_over_nights_weekends_and_changes_of_the_clock(
    hours: str, moment: str, opens: str
) -> None:
    assert read_hours(hours, "Europe/Berlin").next_opening(at(moment)) == at(opens)


def test_there_is_no_next_opening_where_no_day_has_hours() -> None:
    assert Hours(week=((),) * 7).next_opening(at("2026-03-02T08:30")) is None
