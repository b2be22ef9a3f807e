"""Promises of automatic answers: one an hour for each sender, and none to machines."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models import Message
from app.services import conversations
from app.services.automatic import send_automatic
from app.services.rates import allow, is_exhausted
from tests.integration.core.mails import create_mail


def test_a_person_gets_one_automatic_answer_an_hour(core, clock, receive_mail):
    conversation_id = receive_mail(create_mail()).conversation_id

    first = send_automatic(core, conversation_id, "We have your message.")
    assert core.session.get(Message, first).is_automatic
    assert send_automatic(core, conversation_id, "We have your message.") is None
    clock.advance(minutes=61)
    assert send_automatic(core, conversation_id, "We have your message.") is not None


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("ada@x.org", {"Auto_Submitted": "auto-replied"}),
        ("ada@x.org", {"Precedence": "bulk"}),
        ("ada@x.org", {"X_Auto_Response_Suppress": "All"}),
        ("ada@x.org", {"List_Id": "<talk.x.org>"}),
        ("no-reply@shop.example", {}),
        ("noreply+17@shop.example", {}),
        ("MAILER-DAEMON@mx.example", {}),
        ("talk-bounces@lists.example", {}),
        ("help@example.com", {}),
    ],
)
def test_machines_get_no_automatic_answer(core, receive_mail, sender, headers):
    received = receive_mail(create_mail(sender=sender, **headers))

    assert received.conversation_id is None or send_automatic(core, received.conversation_id, "Hello") is None


@pytest.mark.parametrize(("age_days", "is_answered"), [(1, True), (3, False)])
def test_old_mail_that_is_fetched_gets_no_automatic_answer(core, clock, receive_mail, age_days, is_answered):
    received = receive_mail(create_mail(sent_at=clock.now() - timedelta(days=age_days)))

    assert (send_automatic(core, received.conversation_id, "We have your message.") is not None) is is_answered


def test_spam_gets_no_automatic_answer(core, receive_mail, create_agent):
    conversation_id = receive_mail(create_mail()).conversation_id
    conversations.spam(core, create_agent(), [conversation_id])

    assert send_automatic(core, conversation_id, "Hello") is None


def test_what_asks_for_the_proof_of_an_address_leaves_from_spam_and_counts_by_itself(
    core, clock, receive_mail, create_agent
):
    conversation_id = receive_mail(create_mail()).conversation_id
    conversations.spam(core, create_agent(), [conversation_id])

    asked = [send_automatic(core, conversation_id, "Is it you?", is_verification=True) for _ in range(4)]
    assert [one is not None for one in asked] == [True, True, True, False]
    conversations.reopen(core, create_agent("Ben"), [conversation_id])

    assert send_automatic(core, conversation_id, "We have your message.") is not None
    assert send_automatic(core, conversation_id, "We have your message.") is None


def test_whoever_is_asked_for_a_proof_reads_nothing_of_what_was_written(core, receive_mail):
    text = {
        "sender": '"You won, see win.test" <ada@example.com>',
        "subject": "You won! https://win.test",
        "body": "Go to win.test",
    }
    conversation_id = receive_mail(create_mail(**text)).conversation_id

    asked = core.session.get(Message, send_automatic(core, conversation_id, "Is it you?", is_verification=True))
    assert asked.recipients["to"] == [{"kind": "email", "value": "ada@example.com", "name": ""}]
    assert asked.subject
    assert "win.test" not in f"{asked.subject}{asked.text}{asked.html}"


def test_a_mailbox_is_asked_three_times_whatever_its_address_says_besides(core, receive_mail):
    asked = []
    for number in range(5):
        mail = create_mail(sender=f"ada+{number}@example.org", message_id=f"{number}@example.org")
        asked.append(send_automatic(core, receive_mail(mail).conversation_id, "Is it you?", is_verification=True))
    assert [one is not None for one in asked] == [True, True, True, False, False]


def test_a_robot_is_not_asked_for_a_proof(core, receive_mail):
    received = receive_mail(create_mail(sender="no-reply@shop.example"))

    assert send_automatic(core, received.conversation_id, "Is it you?", is_verification=True) is None


def test_an_agent_who_tries_something_out_need_not_wait_and_others_do(core, receive_mail, create_agent):
    create_agent("Ada", email="ada@desk.example.com")
    own = receive_mail(create_mail(sender="Ada <Ada@Desk.example.com>")).conversation_id
    other = receive_mail(create_mail(message_id="b@x.example", sender="cleo@mail.example.org")).conversation_id

    assert all(send_automatic(core, own, "We have it.", is_test=True) for _ in range(3))
    assert send_automatic(core, other, "We have it.", is_test=True) is not None
    assert send_automatic(core, other, "We have it.", is_test=True) is None


def test_an_automatic_answer_does_not_count_as_answered(core, receive_mail):
    from app.models import Conversation

    conversation_id = receive_mail(create_mail()).conversation_id
    send_automatic(core, conversation_id, "Hello")

    assert core.session.scalar(select(Conversation.waiting_since)) is not None


def test_a_rate_is_shared_and_starts_anew_with_its_window(core, clock):
    assert [allow(core, "sign-in:ada", "3 per minute") for _ in range(4)] == [True, True, True, False]
    assert is_exhausted(core, "sign-in:ada", "3 per minute")
    assert allow(core, "sign-in:ben", "3 per minute")
    clock.advance(minutes=1)
    assert allow(core, "sign-in:ada", "3 per minute")
