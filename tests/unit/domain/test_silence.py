"""Promises about noticing silence, over synthetic weeks: a night is no news, a burst no habit, and what is really quiet is seen."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.silence import HOUR, expected_between, hour_of, quietness, usual

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 17, 13, 0, tzinfo=UTC)  # a Wednesday, 15:00 in Berlin


def office(local):
    """A shop: eight an hour from nine to five on working days, little else."""
    if local.weekday() >= 5:
        return 0.2 if 8 <= local.hour < 22 else 0.02
    return 8.0 if 9 <= local.hour < 17 else 0.6 if 6 <= local.hour < 23 else 0.03


def daily(_local):
    """One a day, at any hour."""
    return 1 / 24


def busy(local):
    """Twenty an hour, day and night."""
    return 20.0


class Year:
    """Arrivals of many weeks before `NOW`, drawn by chance with a seed."""

    def __init__(self, rate, *, weeks=8, until=NOW, zone=BERLIN, seed=1, bursts=0.0):
        self.zone, self.until = zone, until
        chance = random.Random(seed)
        hours = [hour_of(until) - HOUR * back for back in range(weeks * 7 * 24, 0, -1)]
        self.watched = set(hours)
        self.arrived = {}
        strength = 1.0
        for hour in hours:
            local = hour.astimezone(zone)
            if local.hour == 0 and bursts:
                strength = chance.expovariate(1 / bursts) if bursts else 1.0
            self.arrived[hour] = _poisson(chance, rate(local) * strength)

    def silent(self, since):
        for hour in list(self.arrived):
            if hour >= since:
                self.arrived[hour] = 0
        return self

    def away(self, begins, ends):
        for hour in list(self.watched):
            if begins <= hour < ends:
                self.watched.discard(hour)
                self.arrived[hour] = 0
        return self

    def usual(self, now=None):
        return usual(self.arrived, self.watched, now or self.until, self.zone)

    def judge(self, now=None):
        now = now or self.until
        arrived = {hour: count for hour, count in self.arrived.items() if hour < now}
        watched = {hour for hour in self.watched if hour < now}
        return quietness(usual(arrived, watched, now, self.zone), arrived, watched, now, self.zone)


def _poisson(chance, mean):
    count, total = -1, 0.0
    while total < mean:
        total += chance.expovariate(1.0)
        count += 1
    return max(count, 0)


def alarms(year, *, weeks, every=timedelta(hours=2)):
    """How many separate alarms there were over the last weeks."""
    now, before, count = year.until - timedelta(weeks=weeks), False, 0
    while now <= year.until:
        judged = year.judge(now)
        is_unusual = judged is not None and judged.is_unusual
        count += is_unusual and not before
        before = is_unusual
        now += every
    return count


def test_what_is_usual_is_learnt_by_hour_and_day_of_the_week():
    learnt = Year(office).usual()

    assert 6 < learnt.per_hour[2 * 24 + 12] < 10  # Wednesday noon
    assert learnt.per_hour[2 * 24 + 3] < 0.3
    assert learnt.per_hour[6 * 24 + 12] < 0.8  # Sunday noon
    assert 300 < learnt.per_week < 440
    assert learnt.days == 43


def test_a_working_morning_without_anything_is_seen_within_hours():
    year = Year(office).silent(datetime(2026, 6, 17, 8, tzinfo=UTC))

    judged = year.judge()

    assert judged.is_unusual
    assert judged.came == 0
    assert judged.since <= datetime(2026, 6, 17, 9, tzinfo=UTC)
    assert judged.expected > 20


def test_two_hours_are_quiet_before_anything_is_said():
    year = Year(busy).silent(NOW - 3 * HOUR)

    assert year.judge(NOW - HOUR - timedelta(minutes=30)).is_unusual is False
    assert year.judge(NOW).is_unusual


def test_an_account_with_one_message_a_day_is_missed_after_a_week_or_so():
    year = Year(daily, weeks=10, seed=4)
    since = NOW - timedelta(days=12)
    year.silent(since)
    found = [day for day in range(1, 13) if year.judge(since + timedelta(days=day)).is_unusual]

    assert 4 <= found[0] <= 10
    assert found == list(range(found[0], 13))


@pytest.mark.parametrize("hour", [0, 3, 5])
def test_nights_and_weekends_are_no_silence(hour):
    sunday = datetime(2026, 6, 14, hour, tzinfo=UTC)
    year = Year(office, until=sunday).silent(datetime(2026, 6, 12, 21, tzinfo=UTC))

    assert year.judge().is_unusual is False


@pytest.mark.parametrize("rate", [office, daily, busy])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weeks_as_usual_bring_no_alarm(rate, seed):
    assert alarms(Year(rate, weeks=12, seed=seed), weeks=5, every=timedelta(hours=3)) == 0


def test_an_account_of_bursts_is_given_more_time():
    steady, bursty = Year(office, weeks=10), Year(office, weeks=10, bursts=1.0)

    assert steady.usual().burstiness < 2 < bursty.usual().burstiness
    assert alarms(bursty, weeks=4, every=timedelta(hours=3)) <= 1


def test_one_special_day_does_not_become_the_habit():
    year = Year(office)
    before = year.usual().per_week
    for hour in year.arrived:
        if hour.astimezone(BERLIN).date() == datetime(2026, 6, 9, tzinfo=UTC).date():
            year.arrived[hour] *= 40

    assert year.usual().per_week < before * 1.2


def test_a_change_of_the_clocks_moves_no_habit():
    monday = datetime(2026, 4, 6, 7, 0, tzinfo=UTC)  # summer time has come a week ago: nine in Berlin
    learnt = Year(office, until=monday).usual()

    assert learnt.per_hour[9] > 4
    assert learnt.per_hour[7] < 1.5


def test_a_new_account_is_not_judged():
    year = Year(busy, weeks=1).silent(NOW - 6 * HOUR)

    assert year.judge() is None
    assert quietness(usual({}, set(), NOW, BERLIN), {}, set(), NOW, BERLIN) is None


def test_an_account_to_which_nothing_ever_came_is_not_judged():
    year = Year(lambda _local: 0.0)

    assert year.judge() is None


def test_hours_in_which_nobody_listened_teach_nothing():
    """Two weeks of an outage, then all is well."""
    whole = Year(office)
    holed = Year(office).away(NOW - timedelta(days=30), NOW - timedelta(days=16))

    assert abs(holed.usual().per_week / whole.usual().per_week - 1) < 0.15


def test_while_nobody_listens_nothing_is_to_be_expected():
    year = Year(busy).away(NOW - 30 * HOUR, NOW - timedelta(minutes=30))

    judged = year.judge()

    assert judged.expected < 15
    assert not judged.is_unusual


def test_much_less_than_usual_is_seen_although_something_comes():
    year = Year(office, until=datetime(2026, 6, 18, 16, tzinfo=UTC))  # a Thursday evening
    for hour in year.arrived:
        if hour >= year.until - 24 * HOUR:
            year.arrived[hour] = 1 if hour.hour in (8, 14) else 0
    year.arrived[year.until - HOUR] = 1

    judged = year.judge()

    assert judged.is_unusual
    assert judged.came == 3
    assert judged.since == year.until - 24 * HOUR


def test_the_part_of_an_hour_that_has_passed_counts():
    learnt = Year(busy).usual()
    begins = datetime(2026, 6, 17, 10, 30, tzinfo=UTC)

    assert expected_between(learnt, begins, begins + HOUR, BERLIN) == pytest.approx(20, rel=0.2)
    assert expected_between(learnt, begins, begins + timedelta(minutes=15), BERLIN) == pytest.approx(5, rel=0.2)
    assert expected_between(learnt, begins, begins + HOUR, BERLIN, set()) == 0
