"""Promises of keyset paging: cursors survive the way through an address, and nothing but a cursor is one."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from app.queries.paging import Position, cut, moment_cursor, parse_id, parse_moment


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.integers(min_value=0, max_value=2**62 - 1),
)
def test_a_cursor_comes_back_as_it_was(at, row_id):
    assert parse_moment(moment_cursor(at, row_id)) == (at, row_id)


@pytest.mark.parametrize("text", ["", "~", "x~1", "1~", "1~-4", "1~99999999999999999999", "9" * 40 + "~1", "1"])
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_moment(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "1e3", "9" * 30])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_id(text)


@pytest.mark.parametrize(
    ("rows", "position", "shown", "older", "newer"),
    [
        ([9, 8, 7], Position(), (9, 8, 7), None, None),
        ([9, 8, 7, 6], Position(), (9, 8, 7), "7", None),
        ([6, 5, 4, 3], Position(after="7"), (6, 5, 4), "4", "6"),
        ([3, 2], Position(after="4"), (3, 2), None, "3"),
        ([7, 8, 9], Position(before="6"), (9, 8, 7), "7", None),
        ([4, 5, 6, 7], Position(before="3"), (6, 5, 4), "4", "6"),
        ([], Position(after="1"), (), None, None),
    ],
)
def test_a_page_knows_its_neighbours(rows, position, shown, older, newer):
    page = cut(rows, 3, position, str)

    assert (page.rows, page.older, page.newer) == (shown, older, newer)
