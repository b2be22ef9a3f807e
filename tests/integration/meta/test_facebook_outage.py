"""A day without Facebook, or a day in which nothing reaches us, loses nothing and brings nothing twice."""

import pytest

from app.plugin_api.errors import ChannelError
from app.services.fetching import note_trouble
from tests.integration.meta.business import Business


@pytest.fixture
def shop(business: Business):
    """The page and somebody who writes to it, read once."""
    page = next(iter(business.graph.state.pages.values()))
    person = business.graph.add_person(page)
    business.graph.write(person, "Before")
    business.deliver()
    business.fetch()
    return page, person


def texts(business: Business) -> list[str]:
    return [one.text for one in business.messages()]


def test_a_day_in_which_no_webhook_reaches_us_is_caught_up(business: Business, shop, clock):
    page, person = shop
    post = business.graph.add_post(page.id, "Lamps")
    for hour in range(24):
        clock.advance(hours=1)
        business.graph.write(person, f"Hour {hour}")
        business.graph.comment(person, post, f"Comment {hour}")
    lost, business.graph.undelivered = business.graph.undelivered, []
    clock.advance(minutes=10)
    business.fetch()
    wanted = sorted(["Before", *(f"{kind} {hour}" for hour in range(24) for kind in ("Hour", "Comment"))])
    assert sorted(texts(business)) == wanted

    assert {business.post(one) for one in lost} == {200}, "Meta tries for 36 hours"
    business.work()
    assert sorted(texts(business)) == wanted


def test_a_day_in_which_facebook_fails_loses_nothing(business: Business, shop, clock):
    _, person = shop
    failures = 0
    with business.graph.fault("server_trouble"):
        for hour in range(24):
            clock.advance(hours=1)
            business.graph.write(person, f"Hour {hour}")
            business.deliver()  # what comes waits until its sender's name can be asked for
            try:
                business.fetch()
            except ChannelError as trouble:
                failures += 1
                note_trouble(business.core, business.account().id, trouble)
                clock.advance(minutes=30)
            except AssertionError:
                continue  # the account waits
    assert failures >= 5
    clock.advance(hours=1)
    business.fetch()
    clock.advance(hours=1)
    business.work()

    assert sorted(texts(business)) == sorted(["Before", *(f"Hour {hour}" for hour in range(24))])
