"""Promises of the page formats: short times, sizes, in the reader's language."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel

from app.web import formats

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday


@pytest.fixture(params=["en"])
def page(request):
    """A request in the language of the parameter."""
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: request.param)
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=10), "now"),
        (timedelta(seconds=-10), "now"),
        (timedelta(minutes=3, seconds=50), "3 min"),
        (timedelta(minutes=100), "1 hr"),
        (timedelta(hours=23, minutes=59), "23 hr"),
        (timedelta(minutes=-38), "38 min"),
        (timedelta(days=2), "Mon"),
        (timedelta(days=40), "9 Oct"),
        (timedelta(days=400), "14 Oct 2025"),
    ],
)
def test_brief_time_is_as_short_as_a_list_allows(page, age, text):
    assert formats.brief_time(NOW - age, NOW) == text


@pytest.mark.parametrize("page", ["de"], indirect=True)
def test_brief_time_follows_the_language(page):
    assert formats.brief_time(NOW - timedelta(hours=2), NOW) == "2 Std."


def test_iso_time_is_utc_in_whole_seconds():
    at = datetime(2026, 11, 18, 14, 30, 5, 999, tzinfo=UTC)
    assert formats.iso_time(at) == "2026-11-18T14:30:05Z"


@pytest.mark.parametrize(
    ("size", "text"),
    [(1, "1 byte"), (812, "812 bytes"), (34_000, "34 kB"), (1_240_000, "1.2 MB"), (25_000_000, "25 MB")],
)
def test_file_size_reads_naturally(page, size, text):
    assert formats.file_size(size) == text
