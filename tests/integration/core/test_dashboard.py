"""Promises of the dashboard's numbers: what a channel wrote to test itself is no arrival; an answer counts once it left, on the day it
left, and only if somebody had written."""

import pytest
from sqlalchemy import select

from app.models import Counter, DeliveryState, Message
from app.plugin_api.messages import Participant
from app.queries.dashboard import dashboard_numbers
from app.services import replies
from app.services.core import writing
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail
from tests.integration.core.saying import provider, written  # noqa: F401 - a fixture is found by name


@pytest.fixture
def lea(create_agent):
    return create_agent("Lea")


def put(core, message_id, state, sent_at=None):
    """Bring a queued message to where its delivery ended."""
    with writing(core) as unit:
        message = unit.session.get_one(Message, message_id)
        message.delivery_state, message.sent_at = state, sent_at


def answered(core, clock):
    days = dashboard_numbers(core.session, agent_id=1, today=clock.now().date(), days=3).days
    core.session.rollback()
    return [day.answered for day in days]


def test_what_a_channel_wrote_to_test_itself_is_no_arrival(core, clock, provider):  # noqa: F811
    for number, is_test in enumerate((False, True, True)):
        assert provider.say(written(number, is_test=is_test)).message_id

    (today,) = dashboard_numbers(core.session, agent_id=1, today=clock.now().date(), days=1).days
    assert today.arrived == 1
    name = f"received:account:{provider.account_id}"
    assert core.session.scalar(select(Counter.value).where(Counter.name == name)) == 1


def test_an_answer_counts_on_the_day_it_left(core, clock, receive_mail, lea):
    message_id = replies.reply(core, lea, receive_mail(create_mail()).conversation_id, ReplyDraft("Soon."))
    assert answered(core, clock) == [0, 0, 0]

    clock.advance(days=1)
    put(core, message_id, DeliveryState.SENT, clock.now())
    clock.advance(days=1)
    assert answered(core, clock) == [0, 1, 0]

    put(core, message_id, DeliveryState.DELIVERED, core.session.get_one(Message, message_id).sent_at)
    assert answered(core, clock) == [0, 1, 0]


def test_what_did_not_get_there_is_no_answer(core, clock, receive_mail, lea):
    message_id = replies.reply(core, lea, receive_mail(create_mail()).conversation_id, ReplyDraft("Soon."))
    for state in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.FAILED):
        put(core, message_id, state, clock.now())
        assert answered(core, clock) == [0, 0, 0]


def test_what_an_agent_began_is_no_answer_until_the_contact_has_written(core, clock, create_account, receive_mail, lea):
    account_id = create_account("mailbox", address="help@example.com")
    to = Participant("email", "ada@mail.example.org")
    _, first = replies.start_conversation(
        core, lea, account_id=account_id, to=to, subject="News", draft=ReplyDraft("Hello.")
    )
    conversation_id = core.session.get_one(Message, first).conversation_id
    second = replies.reply(core, lea, conversation_id, ReplyDraft("One more thing."))
    put(core, first, DeliveryState.SENT, clock.now())
    put(core, second, DeliveryState.SENT, clock.now())
    assert answered(core, clock) == [0, 0, 0]

    external_id = core.session.get_one(Message, first).external_id
    received = receive_mail(create_mail(In_Reply_To=f"<{external_id}>"), account_id)
    assert received.conversation_id == conversation_id
    third = replies.reply(core, lea, conversation_id, ReplyDraft("You are welcome."))
    put(core, third, DeliveryState.SENT, clock.now())
    assert answered(core, clock) == [0, 0, 1]
