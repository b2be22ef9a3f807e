"""Promises of the cost meter: the costliest part first, shares that add up, an hour of bars, words for times."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel

from app.queries.plugin_page import PeriodCost
from app.web.cost_meter import PERIOD, cost_meter
from app.web.plugin_marks import time_spent

NOW = datetime(2026, 3, 2, 9, 3, 20, tzinfo=UTC)
LAST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def page():
    """A request in English."""
    app = Flask(__name__)
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        yield


def create_cost(hook="message_received", periods_ago=0, seconds=0.1, calls=1, failures=0, slowest_s=0.1):
    at = LAST - PERIOD * periods_ago
    return PeriodCost(hook, at, calls, seconds, slowest_s, 0, failures, 0, queries=2 * calls, http_calls=0)


def test_the_costliest_part_comes_first_and_shares_add_up():
    meter = cost_meter([create_cost("cheap", seconds=0.1), create_cost("dear", seconds=0.3)], NOW)

    assert [row.name for row in meter.rows] == ["dear", "cheap"]
    assert [round(row.share, 2) for row in meter.rows] == [0.75, 0.25]


def test_periods_of_a_part_are_summed_and_the_slowest_is_kept():
    costs = [create_cost(periods_ago=ago, calls=2, slowest_s=0.1 + ago) for ago in range(3)]
    row = cost_meter(costs, NOW).rows[0]

    assert (row.calls, row.queries, row.slowest) == ("6", "12", "2.1 s")


def test_an_hour_has_twelve_bars_and_the_last_is_now():
    meter = cost_meter([create_cost(periods_ago=11, seconds=0.5, failures=1), create_cost(seconds=0.2)], NOW)

    assert len(meter.bars) == 12
    assert (meter.bars[0].milliseconds, meter.bars[0].failures) == (500, 1)
    assert meter.bars[-1].milliseconds == 200
    assert sum(bar.milliseconds for bar in meter.bars) == 700
    assert meter.top == 500


def test_nothing_at_all_is_an_empty_meter_that_can_be_drawn():
    meter = cost_meter([], NOW)

    assert (meter.rows, meter.total, meter.top) == ((), "", 1.0)


def test_the_total_names_calls_time_and_errors():
    assert cost_meter([create_cost(calls=3)], NOW).total == "3 calls, 100 ms, no errors"
    assert cost_meter([create_cost(failures=1)], NOW).total == "1 call, 100 ms, 1 error"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.00042, "0.4 ms"), (0.0234, "23 ms"), (0.9994, "999 ms"), (1.84, "1.8 s"), (240, "4 min")],
)
def test_times_read_easily(seconds, words):
    assert time_spent(timedelta(seconds=seconds).total_seconds()) == words
