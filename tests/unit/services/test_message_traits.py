"""Promises about the marks of a message that any channel may give."""

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime

import pytest

from app.plugin_api.messages import CalendarEvent, MessageTraits
from app.services.message_traits import checked_traits

BEGIN, END = datetime(MINYEAR, 1, 1, tzinfo=UTC), datetime(MAXYEAR, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("moment", [BEGIN, END, date(MAXYEAR, 12, 31)])
def test_a_moment_that_no_zone_can_show_is_left_out(moment):
    event = CalendarEvent(summary="Lamps", starts=moment, ends=moment)

    assert checked_traits(MessageTraits(events=(event,)), "traits").events == (CalendarEvent(summary="Lamps"),)


def test_other_moments_stay():
    traits = MessageTraits(events=(CalendarEvent(starts=date(2026, 3, 5), ends=date(2026, 3, 6)),))

    assert checked_traits(traits, "traits") is traits
