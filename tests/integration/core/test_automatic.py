"""Promises of automatic answers: one an hour for each sender, and none to machines."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.domain.authenticity import Verdict
from app.models import AutomaticAnswer, Message, Notice
from app.plugin_api.messages import SendReceipt
from app.services import automatic_answers, conversations
from app.services.automatic import send_automatic
from app.services.automatic_answers import forget_old_answers
from app.services.core import writing
from app.services.delivery import deliver
from app.services.rates import allow, is_exhausted
from app.services.replies import ReplyDraft, reply
from tests.integration.core.mails import create_mail


@pytest.fixture
def write(receive_mail, clock):
    """Return a function that has Ada begin one more conversation, now; gives the conversation's id."""

    def begin(number, account_id=None, **options):
        mail = create_mail(
            message_id=f"{number}@mail.example.org", body=f"No. {number}", sent_at=clock.now(), **options
        )
        return receive_mail(mail, account_id).conversation_id

    return begin


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


def test_the_pause_doubles_until_an_agent_writes(core, clock, write, create_agent, monkeypatch):
    """A machine that does not say that it is one would go on for ever."""
    channel = core.plugins.channels["mailbox"]
    monkeypatch.setattr(channel, "send", lambda account, message: SendReceipt(message.external_id))
    answered_after = []
    for hour in range(40):
        conversation_id = write(hour)
        if send_automatic(core, conversation_id, "We have your message.") is not None:
            answered_after.append(hour)
        clock.advance(hours=1)
    assert answered_after == [0, 1, 3, 7, 15, 31]

    assert send_automatic(core, write("before"), "We have your message.") is None
    message_id = reply(core, create_agent("Lea"), conversation_id, ReplyDraft("Are you a machine?"))
    clock.advance(minutes=1)
    assert deliver(core, message_id) == "sent"
    assert send_automatic(core, write("after"), "We have your message.") is not None


def test_a_mailbox_is_one_however_it_is_spelt_and_whichever_account_it_writes_to(core, write, create_account):
    sales = create_account("mailbox", address="sales@example.com")
    senders = [
        ("ada@gmail.com", None),
        ("a.da+shop@gmail.com", None),
        ("ADA+2@googlemail.com", sales),
        ("ben@x.org", sales),
    ]

    answers = [
        send_automatic(core, write(number, account_id, sender=sender), "Hello")
        for number, (sender, account_id) in enumerate(senders)
    ]
    assert [one is not None for one in answers] == [True, False, False, True]


def test_an_account_that_answers_far_too_many_stops_and_admins_hear_of_it(core, clock, write, monkeypatch):
    monkeypatch.setattr(automatic_answers, "_MOST_OF_ACCOUNT", "3 per hour")
    answers = [send_automatic(core, write(n, sender=f"{n}@x.org"), "Hello") for n in range(5)]

    assert [one is not None for one in answers] == [True, True, True, False, False]
    (notice,) = core.session.scalars(select(Notice).where(Notice.subject.endswith(":automatic")))
    assert (notice.data, notice.times) == ({"account": "Support", "count": 3}, 2)
    clock.advance(hours=1)
    assert send_automatic(core, write(5, sender="3@x.org"), "Hello") is not None


@pytest.mark.parametrize(("arc", "is_answered"), [(Verdict.NONE, False), (Verdict.PASS, True)])
def test_a_forged_sender_gets_no_automatic_answer(core, write, arc, is_answered):
    """It would reach somebody who wrote nothing."""
    conversation_id = write(1)
    with writing(core) as unit:
        message = unit.session.scalars(select(Message)).one()
        message.authenticity = {"domain": "mail.example.org", "dmarc": Verdict.FAIL, "arc": arc}

    assert (send_automatic(core, conversation_id, "Hello") is not None) is is_answered


def test_our_own_addresses_with_tags_get_no_automatic_answer(core, write):
    assert send_automatic(core, write(1, sender="Help+7@Example.com", to="sales@example.com"), "Hello") is None


def test_what_was_not_sent_starts_no_pause(core, write, create_account, monkeypatch):
    conversation_id = write(1)
    with monkeypatch.context() as patch:
        patch.setattr(automatic_answers, "_MOST_OF_ACCOUNT", "0 per hour")
        assert send_automatic(core, conversation_id, "Hello") is None

    assert send_automatic(core, conversation_id, "Hello") is not None


def test_an_agents_trials_do_not_make_the_pauses_longer(core, write, create_agent):
    create_agent("Ada", email="ada@desk.example.com")
    conversation_id = write(1, sender="ada@desk.example.com")

    assert all(send_automatic(core, conversation_id, "We have it.", is_test=True) for _ in range(5))
    assert send_automatic(core, conversation_id, "We have it.") is not None


def test_mailboxes_are_forgotten_once_their_longest_pause_is_long_over(core, clock, write):
    send_automatic(core, write(1), "Hello")
    clock.advance(days=59)
    forget_old_answers(core)
    kept = core.session.scalar(select(func.count()).select_from(AutomaticAnswer))
    clock.advance(days=2)
    forget_old_answers(core)

    assert (kept, core.session.scalar(select(func.count()).select_from(AutomaticAnswer))) == (1, 0)


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
