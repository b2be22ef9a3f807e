"""Texts of agents: they reach the phone once, Tidings learns how far they came, and sees them once however they are told."""

import pytest

from app.errors import InvalidInput
from app.services.delivery import deliver, due_messages
from app.services.replies import ReplyDraft, reply
from tests.integration.voip.shop import OURS, Shop

ADA = "+491715550001"


@pytest.fixture
def asked(shop: Shop) -> int:
    """The conversation Ada began with a text."""
    shop.fetch()
    shop.text(ADA, "Is the lamp there?")
    shop.work()
    return shop.conversations()[0].id


@pytest.fixture
def answered(shop: Shop, asked: int, create_agent, clock) -> dict:
    """An agent's answer as Twilio keeps it."""
    reply(shop.core, create_agent("Ida"), asked, ReplyDraft(text="It is 🙂"))
    clock.advance(minutes=1)
    for message_id in due_messages(shop.core):
        deliver(shop.core, message_id)
    return next(one for one in shop.twilio.texts.values() if one["direction"] == "outbound-api")


def test_an_answer_leaves_by_the_number_and_is_shown_once(shop: Shop, answered: dict, clock):
    assert (answered["from"], answered["to"], answered["body"]) == (OURS, ADA, "It is 🙂")
    clock.advance(minutes=15)
    shop.fetch()
    assert [one.text for one in shop.messages()] == ["Is the lamp there?", "It is 🙂"]
    assert len(shop.conversations()) == 1


@pytest.mark.parametrize(
    ("status", "code", "state"), [("delivered", "", "delivered"), ("undelivered", "30003", "failed")]
)
def test_how_far_it_came_is_told_by_a_post(shop: Shop, answered: dict, status: str, code: str, state: str):
    fields = shop.twilio.status_fields(answered["sid"], status, code)
    assert shop.post(answered["status_callback"], fields)[0] == 200
    shop.work()
    answer = shop.messages()[-1]
    assert answer.delivery_state == state


def test_how_far_it_came_is_read_where_no_post_said_so(shop: Shop, answered: dict, clock):
    shop.twilio.status_fields(answered["sid"], "delivered")
    clock.advance(minutes=10)
    shop.fetch()
    assert shop.messages()[-1].delivery_state == "delivered"


def test_what_left_by_another_program_is_shown_as_ours(shop: Shop, asked: int, clock):
    text = shop.twilio.texts[shop.twilio.receive_text(OURS, ADA, "Sent from the console")]
    text["direction"] = "outbound-api"
    clock.advance(minutes=10)
    shop.fetch()
    last = shop.messages()[-1]
    assert (last.text, last.direction, last.conversation_id) == ("Sent from the console", "outbound", asked)


def test_a_text_that_is_too_long_is_refused_before_it_is_sent(shop: Shop, asked: int, create_agent):
    with pytest.raises(InvalidInput):
        reply(shop.core, create_agent("Ida"), asked, ReplyDraft(text="a" * 1601))
