"""Promises about exchanges that an agent began at a provider with keys of its own: the answer finds the conversation."""

import json

import pytest
from sqlalchemy import select

from app.models import Conversation
from app.plugin_api.messages import Participant, RawEvent, SendReceipt
from app.services import replies
from app.services.delivery import deliver
from app.services.intake import receive
from app.services.replies import ReplyDraft


@pytest.fixture
def account_id(create_account):
    return create_account("echo")


@pytest.fixture
def begin(core, clock, create_agent, account_id, monkeypatch):
    """Begin a conversation with Cem, whose provider opens this exchange for it; gives the conversation's id and the message's id there."""

    def begin_conversation(thread_key=None):
        sent = []

        def send(account, message):
            sent.append(message.external_id)
            return SendReceipt(message.external_id, thread_key=thread_key)

        monkeypatch.setattr(core.plugins.channels["echo"], "send", send)
        draft = ReplyDraft("Are you there?")
        number, message_id = replies.start_conversation(
            core, create_agent("Ada"), account_id=account_id, to=Participant("echo", "cem"), subject="", draft=draft
        )
        clock.advance(minutes=1)
        assert deliver(core, message_id) == "sent"
        statement = select(Conversation.id).where(Conversation.number == number)
        return core.session.execute(statement).scalar_one(), sent[0]

    return begin_conversation


@pytest.fixture
def arrive(core, clock, account_id):
    """Let Cem write; the exchange has the key "echo:cem". Gives the conversation the message came to."""

    def arrive_from_cem(identifier, answers=""):
        said = {"id": identifier, "from": "cem", "text": f"Message {identifier}", "answers": answers}
        event = RawEvent(json.dumps(said).encode(), meta={"received_at": clock.now().isoformat()})
        return receive(core, account_id, event).conversation_id

    return arrive_from_cem


def test_an_answer_finds_the_exchange_that_the_receipt_named(begin, arrive):
    conversation_id, _ = begin(thread_key="echo:cem")
    assert arrive("1") == conversation_id


def test_an_answer_that_names_our_message_finds_it_and_those_after_it_do_too(begin, arrive):
    conversation_id, sent = begin()
    assert arrive("1", answers=sent) == conversation_id
    assert arrive("2") == conversation_id, "the first answer has told the key"


def test_an_exchange_of_another_key_is_another_conversation(begin, arrive):
    conversation_id, sent = begin(thread_key="echo:somebody")
    assert arrive("1", answers=sent) != conversation_id


def test_a_key_that_no_conversation_has_begins_one(begin, arrive):
    conversation_id, _ = begin()
    assert arrive("1") != conversation_id
