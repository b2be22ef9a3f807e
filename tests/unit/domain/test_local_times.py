"""Promises about moments that people name by the clock on their wall, also in the nights when it is put forward or back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.domain.local_times import from_wall, mornings, on_wall

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-01-15T09:00", datetime(2026, 1, 15, 8, tzinfo=UTC)),
        ("2026-07-15T09:00", datetime(2026, 7, 15, 7, tzinfo=UTC)),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # skipped: the clock shows 3:30 then
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # struck twice: the first
    ],
)
def test_a_moment_is_read_by_the_clock_of_the_zone(wall, expected):
    assert from_wall(wall, BERLIN) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30T09:00", "2026-03-01T09:00+01:00", "09:00"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError):
        from_wall(text, BERLIN)


def test_mornings_stay_at_nine_when_the_clocks_change():
    friday = datetime(2026, 3, 27, 20, 15, tzinfo=UTC)

    shown = {name: on_wall(at, BERLIN) for name, at in mornings(friday, BERLIN).items()}

    assert shown == {
        "tomorrow": "2026-03-28T09:00",
        "three_days": "2026-03-30T09:00",
        "monday": "2026-03-30T09:00",
        "week": "2026-04-03T09:00",
    }
