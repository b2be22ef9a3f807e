"""What the pages show of use and cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import plugins.twitter
from plugins.twitter.plans import budget_of, price_of
from plugins.twitter.tests.accounts import Desk
from plugins.twitter.usage import forget_old_days, note_reads, reads_by_day


def test_use_and_cost_of_the_day_are_shown(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk(plan="basic", price_per_1000="2,50")
    for number in range(3):
        desk.x.mention(desk.x.add_person(), f"{number}")
    desk.fetch()
    note_reads(desk.host, 197)
    account, use = plugins.twitter.account_panels(host=desk.host, account=desk.account)
    rows = dict(use.rows)
    assert rows["Calls"] == "3 of 900"
    assert rows["Posts and messages read"] == "200 of 500"
    assert rows["Cost of reading today"] == "US$ 0.50"
    assert rows["Cost of a day at most"] == "US$ 1.25"
    assert dict(account.rows)["Account"] == "@shop"
    health = desk.channel.health(desk.account)
    assert [(one.used, one.limit) for one in health.quotas] == [(3, 900), (200, 500)]
    assert all(one.resets_at and one.resets_at > desk.clock.now() for one in health.quotas)
    assert health.token_expires_at is None
    desk.clock.tick(24 * 3600)
    assert [one.used for one in desk.channel.health(desk.account).quotas] == [0, 0]
    assert [count for _, count in reads_by_day(desk.host, 2)] == [0, 200]


def test_counts_are_forgotten_after_a_month(desk: Desk) -> None:
    note_reads(desk.host, 5)
    desk.clock.tick(32 * 24 * 3600)
    assert reads_by_day(desk.host, 33)[32][1] == 5
    forget_old_days(desk.host)
    assert reads_by_day(desk.host, 33)[32][1] == 0


@pytest.mark.parametrize(
    ("settings", "calls", "reads"),
    [
        ({}, 5000, 2000),
        ({"plan": "free"}, 90, 3),
        ({"plan": "basic", "reads_per_day": 7}, 900, 7),
        ({"plan": "?"}, 5000, 2000),
    ],
)
def test_typed_figures_come_before_those_of_the_plan(settings: dict[str, object], calls: int, reads: int) -> None:
    budget = budget_of(settings)
    assert (budget.calls, budget.reads) == (calls, reads)


def test_a_price_that_cannot_be_read_is_the_usual_one() -> None:
    assert str(price_of({"price_per_1000": "cheap"}, 1000)) == "5.00"
    assert str(price_of({"price_per_1000": ""}, 1)) == "0.00"
    assert str(price_of({}, 200)) == "1.00"
