"""A day in which nothing reaches us, or Twilio fails, loses nothing and brings nothing twice; a changed token is healed by a new one."""

import pytest

from app.plugin_api.errors import ChannelError, NeedsReauth
from app.services.fetching import note_trouble
from tests.integration.voip.shop import OURS, Shop

ADA = "+491715550001"


def texts(shop: Shop) -> list[str]:
    return sorted(one.text for one in shop.messages())


def hour(shop: Shop, number: int) -> None:
    """What happens in one hour of which nobody tells us."""
    shop.twilio.receive_text(ADA, OURS, f"Hour {number:02}")
    sid = shop.twilio.receive_call(ADA, OURS)
    shop.twilio.end_call(sid, "no-answer")


WANTED = sorted(["Before", *(f"Hour {number:02}" for number in range(24)), *["Missed call"] * 24])


@pytest.fixture
def before(shop: Shop, clock) -> Shop:
    shop.fetch()
    shop.text(ADA, "Before")
    shop.work()
    clock.advance(minutes=30)
    return shop


def test_a_day_in_which_no_post_reaches_us_is_caught_up(before: Shop, clock):
    for number in range(24):
        clock.advance(hours=1)
        hour(before, number)
    clock.advance(minutes=10)
    before.fetch()
    assert texts(before) == WANTED
    for sid, text in before.twilio.texts.items():
        assert before.post(before.address, before.twilio.text_fields(sid))[0] == 200, text
    clock.advance(minutes=10)
    before.fetch()
    before.run_jobs()
    assert texts(before) == WANTED


def test_a_day_in_which_twilio_fails_loses_nothing(before: Shop, clock):
    failures = 0
    with before.twilio.fault("server_trouble"):
        for number in range(24):
            clock.advance(hours=1)
            hour(before, number)
            try:
                before.fetch()
            except ChannelError as trouble:
                failures += 1
                note_trouble(before.core, before.account().id, trouble)
                clock.advance(minutes=30)
            except AssertionError:
                continue  # the account waits
    assert failures >= 5
    clock.advance(hours=7)
    before.fetch()
    assert texts(before) == WANTED


def test_what_came_while_the_token_was_wrong_comes_with_the_new_one(before: Shop, clock):
    before.twilio.auth_token = "a-new-token"
    sid = before.twilio.receive_text(ADA, OURS, "Meanwhile")
    assert before.post(before.address, before.twilio.text_fields(sid))[0] == 403
    with pytest.raises(NeedsReauth) as trouble:
        before.fetch()
    note_trouble(before.core, before.account().id, trouble.value)
    assert before.account().state == "needs_reauth"
    before.connect()
    assert before.account().state == "active"
    before.fetch()
    assert texts(before) == ["Before", "Meanwhile"]
