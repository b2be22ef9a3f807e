"""Promises about what we wrote in other programs: it stands in the conversation as sent, once, and nobody waits any more."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.models import Contact, Conversation, Counter, EventState, InboundEvent, Message, Status
from app.plugin_api.errors import Temporary
from app.plugin_api.messages import SendReceipt
from app.services import replies
from app.services.delivery import deliver
from app.services.intake import process_event
from app.services.journal import due_events
from app.services.replies import ReplyDraft
from tests.integration.core.saying import CEM, NINE, echoed, provider, written  # noqa: F401 - a fixture is found by name

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def conversation_of(core, conversation_id):
    core.session.rollback()
    return core.session.get(Conversation, conversation_id, populate_existing=True)


def texts(core):
    core.session.rollback()
    return core.session.scalars(select(Message.text).order_by(Message.id)).all()


@pytest.fixture
def told(core, monkeypatch):
    """The hooks that were announced."""
    hooks = []
    announce = core.plugins.dispatcher.announce
    monkeypatch.setattr(
        core.plugins.dispatcher, "announce", lambda hook, **values: (hooks.append(hook), announce(hook, **values))
    )
    return hooks


def test_what_we_wrote_elsewhere_answers_the_conversation(core, provider, told):  # noqa: F811
    question = provider.say(written(1))
    assert conversation_of(core, question.conversation_id).waiting_since is not None
    told.clear()

    echo = provider.say(echoed(2, "Answered on the phone", sent_at=NINE + timedelta(minutes=1)))

    assert echo.conversation_id == question.conversation_id
    message = core.session.get(Message, echo.message_id)
    assert (message.direction, message.delivery_state, message.agent_id) == ("outbound", "sent", None)
    assert message.sent_at == NINE + timedelta(minutes=1)
    conversation = conversation_of(core, question.conversation_id)
    assert (conversation.waiting_since, conversation.status) == (None, Status.OPEN)
    assert conversation.preview == "Answered on the phone"
    assert told == ["message_sent"]
    assert core.session.scalar(select(func.count()).select_from(Contact)) == 1
    assert core.session.scalar(select(Counter.value).where(Counter.name == "arrived:2026-03-02")) == 1


@on_sqlite
def test_an_answer_to_an_earlier_message_leaves_the_later_one_waiting(core, provider):  # noqa: F811
    question = provider.say(written(1, sent_at=NINE + timedelta(minutes=5)))
    provider.say(echoed(2, sent_at=NINE))
    assert conversation_of(core, question.conversation_id).waiting_since is not None


def test_what_we_began_elsewhere_opens_a_conversation_with_the_contact(core, provider, told):  # noqa: F811
    echo = provider.say(echoed(1, "Your lamp is ready"))
    conversation = conversation_of(core, echo.conversation_id)
    assert (conversation.status, conversation.waiting_since) == (Status.PENDING, None)
    assert core.session.get(Contact, conversation.contact_id).name == "Cem"
    assert told == ["conversation_created", "message_sent"]

    answer = provider.say(written(2, "Great"))
    assert answer.conversation_id == echo.conversation_id
    assert conversation_of(core, echo.conversation_id).status == Status.OPEN


@on_sqlite
def test_an_echo_is_stored_once(core, provider):  # noqa: F811
    provider.say(echoed(1))
    assert provider.say(echoed(1)).state == "duplicate"
    assert provider.say(replace(echoed(1), content_key="read another way")).state == "ignored"
    assert len(texts(core)) == 1


def test_the_copy_of_our_own_message_is_left_out(core, provider):  # noqa: F811
    question = provider.say(written(1))
    message_id = provider.answer(question.conversation_id, "It is on its way.")
    assert provider.say(echoed(2, "It is on its way.", external_id=f"sent-{message_id}")).state == "ignored"
    assert texts(core) == ["Message 1", "It is on its way."]


def test_a_copy_that_comes_while_the_message_is_being_sent_waits_and_is_left_out(core, clock, provider):  # noqa: F811
    question = provider.say(written(1))
    copies = []

    def send(message):
        copies.append(provider.say(echoed(2, message.text, external_id=f"sent-{message.message_id}")))
        return SendReceipt(f"sent-{message.message_id}", thread_key="t")

    provider.send = send
    provider.answer(question.conversation_id)
    assert [copy.state for copy in copies] == ["queued"]

    clock.advance(seconds=3)
    assert due_events(core) == [copies[0].event_id]
    process_event(core, copies[0].event_id)
    assert core.session.get(InboundEvent, copies[0].event_id, populate_existing=True).state == EventState.IGNORED
    assert texts(core) == ["Message 1", "It is on its way."]


@on_sqlite
def test_a_copy_of_a_first_message_waits_for_the_exchange_to_be_known(core, clock, provider, create_agent):  # noqa: F811
    """The provider's key of the exchange comes with the receipt, and with the copy before it."""
    copies = []

    def send(message):
        copies.append(provider.say(echoed(2, message.text, external_id=f"sent-{message.message_id}")))
        return SendReceipt(f"sent-{message.message_id}", thread_key="t")

    provider.send = send
    _, message_id = replies.start_conversation(
        core, create_agent("Ben"), account_id=provider.account_id, to=CEM, subject="", draft=ReplyDraft("Hello")
    )
    clock.advance(seconds=10)
    assert deliver(core, message_id) == "sent"
    clock.advance(seconds=3)
    assert process_event(core, copies[0].event_id).state == "ignored"
    assert core.session.scalar(select(func.count()).select_from(Conversation)) == 1


@on_sqlite
def test_what_we_wrote_elsewhere_waits_while_the_fate_of_our_message_is_unknown(core, clock, provider):  # noqa: F811
    question = provider.say(written(1))
    message_id = provider.answer(question.conversation_id, is_sent=False)
    clock.advance(seconds=10)

    def send(message):
        raise Temporary("no answer", outcome_unknown=True)

    provider.send = send
    assert deliver(core, message_id) == "queued"
    echo = provider.say(echoed(3, "Written on the phone"))
    assert echo.state == "queued"

    del provider.send
    clock.advance(minutes=2)
    assert deliver(core, message_id) == "sent"
    assert process_event(core, echo.event_id).state == "new"
    assert "Written on the phone" in texts(core)


@on_sqlite
def test_an_echo_must_say_for_whom_it_is(core, provider):  # noqa: F811
    assert provider.say(echoed(1, to=())).state == "undelivered"
