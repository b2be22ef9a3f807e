"""What somebody works on is left alone as long as their lease runs, and not for ever because of a wrong clock."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.leases import is_leased

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LENGTH = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, False),
        (NOW - timedelta(seconds=1), False),
        (NOW, False),
        (NOW + timedelta(seconds=1), True),
        (NOW + LENGTH, True),
        (NOW + LENGTH + timedelta(milliseconds=3), True),
        (NOW + timedelta(minutes=30), False),
    ],
    ids=["none", "over", "ends now", "runs", "just begun", "prolonged since I looked at the clock", "a wrong clock"],
)
def test_a_lease_runs_until_its_end(until, expected):
    assert is_leased(until, NOW, LENGTH) is expected
