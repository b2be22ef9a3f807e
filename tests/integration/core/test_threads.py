"""Promises of threading at intake: in whatever order mails come, what belongs together ends in one conversation, and nobody else's."""

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.cli.mail import mail_of
from app.domain.authenticity import Authenticity, Verdict
from app.domain.thread_batch import group
from app.mime import parse_message
from app.models import Activity, Conversation, Message
from app.plugin_api.mail import inbound_from_mail
from app.services import conversations, replies, rethreading
from app.services.automatic import send_automatic
from app.services.core import writing
from app.services.replies import ReplyDraft
from app.services.threads import join_conversation
from tests.integration.core.mails import create_mail
from tests.integration.core.test_bounces import report

ADA, EVE = "ada@mail.example.org", "eve@other.example.net"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def mail(own_id, *names, sender=ADA, body="", **options):
    headers = {"References": " ".join(f"<{name}@x.org>" for name in names)} if names else {}
    return create_mail(
        message_id=f"{own_id}@x.org", sender=sender, body=body or f"Words of {own_id}", **headers, **options
    )


@pytest.fixture
def ours(core, receive_mail, create_agent):
    """A mail of Ada's that was answered; gives our message."""
    question = receive_mail(mail("question"))
    message_id = replies.reply(core, create_agent("Lea"), question.conversation_id, ReplyDraft("On its way."))
    return core.session.get(Message, message_id)


def stored(core, received):
    core.session.rollback()
    return core.session.get(Message, received.message_id, populate_existing=True)


def partition(core):
    core.session.rollback()
    rows = core.session.execute(select(Message.conversation_id, Message.external_id)).all()
    return {frozenset(i for c, i in rows if c == conversation) for conversation, _ in rows}


# ---- what carries our id
def test_a_foreign_mail_with_an_id_of_ours_is_shown_where_it_belongs(core, receive_mail, ours):
    answer = receive_mail(create_mail(message_id=ours.external_id, sender=ADA, body="I am away until Monday."))

    assert answer.state == "new"
    assert stored(core, answer).conversation_id == ours.conversation_id
    assert stored(core, answer).joined_by_id == ours.id


def test_our_own_mail_that_comes_back_is_left_out(receive_mail, ours):
    back = create_mail(
        message_id=ours.external_id, sender="help@example.com", to=ADA, body="On its way.\n\n-- \nchecked"
    )
    by_list = create_mail(
        message_id=ours.external_id,
        sender="list@q.example.net",
        body="On its way.\n__\nA list",
        List_Id="<l.q.example>",
    )
    forwarded = create_mail(message_id=ours.external_id, sender="office@q.example.net", body="On  its way.")

    assert [receive_mail(one).state for one in (back, by_list, forwarded)] == ["ignored"] * 3


# ---- what comes late
def test_a_message_that_comes_late_makes_two_conversations_one(core, receive_mail):
    """A, then C which answers B, then B which answers A."""
    first = receive_mail(mail("a"))
    last = receive_mail(mail("c", "b"))
    assert first.conversation_id != last.conversation_id

    link = receive_mail(mail("b", "a"))

    assert partition(core) == {frozenset({"a@x.org", "b@x.org", "c@x.org"})}
    conversation = core.session.get(Conversation, first.conversation_id)
    assert link.conversation_id == conversation.id
    assert (conversation.message_count, conversation.status) == (3, "open")
    merged = core.session.get(Conversation, last.conversation_id)
    assert merged.merged_into_id == conversation.id
    assert core.session.scalars(select(Activity.kind).where(Activity.conversation_id == conversation.id)).all() == [
        "merged"
    ]


def test_conversations_of_two_people_are_never_made_one(core, receive_mail):
    receive_mail(mail("a"))
    receive_mail(mail("c", "b", sender=EVE))

    receive_mail(mail("b", "a", Cc=EVE))

    assert len(partition(core)) == 2


def test_conversations_that_an_agent_took_apart_stay_apart(core, receive_mail, create_agent):
    receive_mail(mail("a"))
    second = receive_mail(mail("b", "a"))
    number = rethreading.split(core, create_agent("Lea"), [second.message_id])

    third = receive_mail(mail("c", "a", "b"))

    assert core.session.get(Conversation, third.conversation_id).number == number
    assert len(partition(core)) == 2


def test_spam_is_not_tied_to_what_is_answered(core, receive_mail, create_agent):
    receive_mail(mail("a"))
    unwanted = receive_mail(mail("c", "b"))
    conversations.spam(core, create_agent("Lea"), [unwanted.conversation_id])

    receive_mail(mail("b", "a"))

    assert len(partition(core)) == 2


@on_sqlite
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_intake_ends_where_the_batch_does_in_every_order(core, receive_mail, order):
    mails = [mail("a"), mail("b", "a"), mail("c", "b"), mail("d", "lost", "c")]
    mails = [mails[place] for place in order]
    batch = [mail_of(parse_message(one.encode())) for one in mails]
    threads = dict(zip((one.message_id for one in batch), group(batch), strict=True))
    for one in mails:
        receive_mail(one)

    assert partition(core) == {frozenset(i for i in threads if threads[i] == t) for t in threads.values()}


# ---- ids that say little
def test_a_shared_id_leads_to_the_last_conversation_before_the_answer(core, receive_mail, clock):
    first = receive_mail(mail("x", body="one", subject="One"))
    second = receive_mail(mail("x", body="two", subject="Two", sent_at=clock.now()))
    others = receive_mail(mail("x", body="three", sender=EVE))
    assert len({first.conversation_id, second.conversation_id, others.conversation_id}) == 3

    answer = receive_mail(mail("y", "x", sent_at=clock.advance(minutes=1)))

    assert stored(core, answer).conversation_id == second.conversation_id
    assert stored(core, answer).joined_by_id == second.message_id


def test_a_copy_that_a_list_changed_joins_the_original(core, receive_mail):
    original = receive_mail(mail("a"))
    copy = receive_mail(mail("a", body="Words of a\n__\nA list"))

    assert copy.state == "new"
    assert copy.conversation_id == original.conversation_id
    assert stored(core, copy).joined_by == "copy"


def test_a_colleague_who_answers_from_their_own_address_stays_in_the_conversation(core, receive_mail):
    question = receive_mail(mail("a"))
    answer = receive_mail(mail("b", "a", sender="lea@example.com", to=ADA, Cc="help@example.com"))

    assert answer.conversation_id == question.conversation_id


# ---- senders whom nobody vouches for
@pytest.mark.parametrize(("verdict", "is_joined"), [(Verdict.FAIL, False), (Verdict.NONE, True), (Verdict.PASS, True)])
def test_a_forged_sender_joins_by_nothing_that_can_be_guessed(core, receive_mail, clock, verdict, is_joined):
    question = receive_mail(mail("a"))
    forged = inbound_from_mail(mail("b", "a").encode(), clock.now())
    forged = replace(forged, authenticity=Authenticity("mail.example.org", dmarc=verdict, by="Tidings"))

    with writing(core) as unit:
        contact_id = unit.session.get(Message, question.message_id).contact_id
        joined = join_conversation(core, unit.connection, forged, account_id=1, contact_id=contact_id)

    assert (joined is not None) is is_joined


def test_a_forged_sender_who_saw_our_message_joins(core, ours, clock):
    answer = inbound_from_mail(mail("b", In_Reply_To=f"<{ours.external_id}>").encode(), clock.now())
    answer = replace(answer, authenticity=Authenticity("mail.example.org", dmarc=Verdict.FAIL, by="Tidings"))

    with writing(core) as unit:
        joined = join_conversation(core, unit.connection, answer, account_id=1, contact_id=None)

    assert joined is not None
    assert (joined.conversation_id, joined.message_id) == (ours.conversation_id, ours.id)


def test_who_only_claims_in_our_name_to_be_somebody_joins_nothing_they_could_guess(core, receive_mail):
    question = receive_mail(mail("a", subject="Where is my order?"))
    claims = {"sender": "help@example.com", "Reply_To": f"{ADA}, {EVE}"}
    by_subject = receive_mail(mail("b", subject="Re: Where is my order?", **claims))
    by_id = receive_mail(mail("c", "a", **claims))

    assert len({stored(core, one).conversation_id for one in (question, by_subject, by_id)}) == 3
    assert stored(core, by_subject).contact_id == stored(core, question).contact_id
    assert [one["value"] for one in stored(core, by_subject).recipients["reply_to"]] == [ADA]
    assert send_automatic(core, by_subject.conversation_id, "We have your message.") is None


# ---- answers that lost all ids
def test_an_answer_that_lost_all_headers_joins_what_the_same_person_asked(core, receive_mail):
    question = receive_mail(mail("a", subject="Where is my order?"))
    answer = receive_mail(mail("b", subject="AW: Where is my  order?"))

    assert answer.conversation_id == question.conversation_id
    assert stored(core, answer).joined_by == "same_person"


def test_where_their_domain_vouches_for_them_answers_may_go_elsewhere(core, receive_mail, clock):
    question = receive_mail(mail("a", subject="Where is my order?"))
    contact_id = stored(core, question).contact_id
    answer = inbound_from_mail(mail("b", subject="Re: Where is my order?", Reply_To=EVE).encode(), clock.now())
    verdicts = {Verdict.PASS: question.conversation_id, Verdict.NONE: None, Verdict.TEMPERROR: None}

    for verdict, expected in verdicts.items():
        judged = replace(answer, authenticity=Authenticity("mail.example.org", dmarc=verdict, by="Tidings"))
        with writing(core) as unit:
            joined = join_conversation(core, unit.connection, judged, account_id=1, contact_id=contact_id)
        assert (joined.conversation_id if joined else None) == expected


@pytest.mark.parametrize(
    "different",
    [
        {"subject": "Where is my order?"},
        {"subject": "Re: Where is my parcel?"},
        {"subject": "Re: Where is my order?", "sender": EVE},
        {"subject": "Re: Where is my order?", "Reply_To": EVE},
        {"subject": "Re: Where is my order?", "In_Reply_To": "<lost@x.org>"},
        {"subject": "Re: Where is my order?", "Auto_Submitted": "auto-replied"},
        {"subject": "Re:"},
    ],
)
def test_a_subject_alone_joins_nothing_else(receive_mail, different):
    question = receive_mail(mail("a", subject="Where is my order?"))

    assert receive_mail(mail("b", **different)).conversation_id != question.conversation_id


def test_a_subject_that_means_two_conversations_or_an_old_one_joins_none(core, receive_mail, clock):
    answer = {"subject": "Re: Where is my order?"}
    both = {receive_mail(mail(one, subject="Where is my order?")).conversation_id for one in "ab"}
    assert receive_mail(mail("c", **answer)).conversation_id not in both
    old = receive_mail(mail("d", subject="Opening hours?")).conversation_id
    clock.advance(days=15)
    assert receive_mail(mail("e", subject="Re: Opening hours?")).conversation_id != old


# ---- strangers who know what many know
def joins(core, *received):
    """Whether all are in one conversation."""
    return len({stored(core, one).conversation_id for one in received}) == 1


def test_a_forged_report_opens_no_door(core, receive_mail, ours):
    """It is shown beside what it is about, but whoever wrote it takes no part there, nor do those it names."""
    forged = report(
        "nothing@x.org", ADA, sender=EVE, returned=[f"Subject: {ours.subject}"], Cc="eve@third.example", In_Reply_To="<next@x.org>"
    )  # fmt: skip
    shown = receive_mail(forged)
    assert stored(core, shown).conversation_id == ours.conversation_id

    own_id = stored(core, shown).external_id
    answers = [
        receive_mail(create_mail(message_id="e1@x.org", sender=EVE, body="1", References=f"<{own_id}>")),
        receive_mail(
            create_mail(message_id="e2@x.org", sender="eve@third.example", body="2", References=f"<{own_id}>")
        ),
        receive_mail(mail("next", sender=EVE)),
    ]

    assert ours.conversation_id not in {stored(core, one).conversation_id for one in answers}


@on_sqlite
@pytest.mark.parametrize("fields", [{}, {"to": f"help@example.com, {ADA}"}, {"subject": "Re: Where is my order?"}])
def test_a_stranger_who_knows_the_id_of_a_customers_mail_does_not_join(core, receive_mail, fields):
    question = receive_mail(mail("a", subject="Where is my order?"))
    planted = receive_mail(mail("e", "a", sender=EVE, **fields))

    assert not joins(core, question, planted)


def test_who_answers_the_same_newsletter_does_not_join_in_anothers_name(core, receive_mail):
    question = receive_mail(mail("a", "news"))
    forged = receive_mail(mail("e", "news", sender=EVE, Reply_To=ADA))

    assert not joins(core, question, forged)


def test_who_claims_to_have_written_what_was_answered_does_not_join(core, receive_mail):
    question = receive_mail(mail("a", "news"))
    forged = receive_mail(mail("news", sender=EVE, to=ADA))
    meant = receive_mail(
        create_mail(message_id="b@x.org", sender=ADA, to=EVE, Cc="help@example.com", References="<late@x.org>")
    )
    late = receive_mail(mail("late", sender=EVE, to=ADA))

    assert not joins(core, question, forged)
    assert joins(core, meant, late)
