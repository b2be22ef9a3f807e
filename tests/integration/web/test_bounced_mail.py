"""Promises about mail that came back: agents see it in the list, on the message and beside the address, before they write there too."""

import re

import pytest
from sqlalchemy import select

from app.models import ContactIdentity, Message
from app.services.replies import ReplyDraft, reply
from tests.integration.core.test_bounces import report

CLEO = "cleo@mail.example.org"


@pytest.fixture
def answered(core, conversation, create_agent):
    """Our answer to Cleo, in conversation number 1."""
    return core.session.get(
        Message, reply(core, create_agent("Lea"), conversation.conversation_id, ReplyDraft("Hello"))
    )


@pytest.fixture
def returned(receive_mail, answered):
    """The same, after it came back."""
    receive_mail(report(answered.external_id, CLEO))
    return answered


def sent_texts(core):
    core.session.rollback()
    return list(core.session.scalars(select(Message.text).where(Message.agent_id.is_not(None)).order_by(Message.id)))


def told_of(page):
    return re.findall(r'name="told_of" value="([^"]*)"', page)


def test_agents_read_what_came_back_and_why(agent, returned):
    page = agent.get("/conversations/1").text

    assert f"A message to {CLEO} came back: there is no such mailbox" in page
    assert 'class="delivery returned"' in page
    assert "Mail to cleo@mail.example.org came back on" in page
    assert "A message came back: ?" not in page
    assert "New subject:" not in page
    assert "Came back" in agent.get("/").text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.2.2", "the mailbox is full"),
        ("5.7.1", "the other mail server refused it"),
        ("5.4.4", "there is no such mail server"),
        ("5.3.0", "550 5.3.0 no"),
    ],
)
def test_the_reason_is_told_in_words(agent, receive_mail, answered, status, words):
    receive_mail(report(answered.external_id, CLEO, status=status))

    assert f"A message to {CLEO} came back: {words}" in agent.get("/conversations/1").text


def test_a_delay_is_told_as_one(agent, receive_mail, answered):
    receive_mail(report(answered.external_id, CLEO, status="4.4.1", action="delayed"))

    assert f"A message to {CLEO} is delayed." in agent.get("/conversations/1").text
    assert "Came back" not in agent.get("/").text


def test_what_came_back_from_a_dead_address_is_not_tried_again_there(agent, receive_mail, answered):
    receive_mail(report(answered.external_id, CLEO, status="5.2.2"))
    assert "Try again" in agent.get("/conversations/1").text

    receive_mail(report(answered.external_id, CLEO))
    assert "Try again" not in agent.get("/conversations/1").text


def test_the_reply_box_tells_before_it_sends_and_sends_all_the_same(agent, core, returned):
    page = agent.get("/conversations/1").text

    assert "composer-warning" in page
    assert told_of(page) == [CLEO]
    assert agent.post("/conversations/1/reply", {"body": "Again", "told_of": CLEO}).status_code == 303
    assert sent_texts(core)[-1] == "Again"


def test_who_typed_a_dead_address_is_told_once(agent, core, returned):
    refused = agent.post("/conversations/1/reply", {"body": "Copy", "to": "dora@x.example", "cc": CLEO})

    assert refused.status_code == 422
    assert "Send it again to send it all the same." in refused.text
    assert CLEO in told_of(refused.text)
    assert sent_texts(core) == ["Hello"]
    again = {"body": "Copy", "to": "dora@x.example", "cc": CLEO, "told_of": told_of(refused.text)}
    assert agent.post("/conversations/1/reply", again).status_code == 303
    assert sent_texts(core) == ["Hello", "Copy"]


def test_a_new_message_to_a_dead_address_is_told_of_too(agent, core, returned):
    form = {"account": str(returned.account_id), "to": CLEO, "subject": "Lamp", "body": "New"}

    refused = agent.post("/compose", form)
    assert refused.status_code == 422
    assert "came back on" in refused.text
    assert agent.post("/compose", {**form, "told_of": told_of(refused.text)}).status_code == 303
    assert sent_texts(core)[-1] == "New"


def test_an_address_that_works_again_is_said_so_by_an_agent(agent, core, returned):
    contact_id = core.session.scalar(select(ContactIdentity.contact_id).where(ContactIdentity.value == CLEO))
    assert "It works again" in agent.get(f"/contacts/{contact_id}").text

    form = {"kind": "email", "address": CLEO, "conversation": "1"}
    answer = agent.post(f"/contacts/{contact_id}/works-again", form)

    assert answer.headers["Location"].endswith("/conversations/1")
    page = agent.get("/conversations/1").text
    assert "It works again" not in page
    assert "composer-warning" not in page
    assert agent.post(f"/contacts/{contact_id}/works-again", {"kind": "email", "address": "x"}).status_code == 303
