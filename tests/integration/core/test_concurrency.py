"""Promises under contention: threads that do everything at once get neither deadlocks nor doubles, and every counter stays true."""

import contextlib
import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.errors import AppError, Conflict
from app.models import (
    AutomaticAnswer,
    Change,
    Contact,
    ContactIdentity,
    Conversation,
    Counter,
    Draft,
    InboundEvent,
    Message,
    Status,
)
from app.plugin_api.messages import RawEvent, SendReceipt
from app.services import conversations, replies, rethreading
from app.services.automatic import send_automatic
from app.services.contact_merging import merge_contacts, undo_merge
from app.services.counting import state_counters
from app.services.delivery import deliver
from app.services.intake import process_event, receive
from app.services.journal import record_events
from app.services.outgoing import scheduling
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail

THREADS = 4


@pytest.fixture
def account_id(create_account):
    return create_account("mailbox", address="help@example.com")


def mail(number, **options):
    return RawEvent(create_mail(message_id=f"{number}@x.org", body=f"Mail {number}", **options).encode())


def counters_of_rows(core):
    tally = {}
    for conversation in core.session.scalars(select(Conversation).where(Conversation.merged_into_id.is_(None))):
        for name in state_counters(conversation):
            tally[name] = tally.get(name, 0) + 1
    return tally


def kept_counters(core):
    rows = core.session.execute(select(Counter.name, Counter.value).where(Counter.value != 0))
    return {name: value for name, value in rows if name.startswith(("status:", "open:"))}


def count(core, table):
    return core.session.scalar(select(func.count()).select_from(table))


def test_one_event_processed_by_many_becomes_one_message(core, account_id, together):
    for number in range(5):
        event_id = record_events(core, account_id, [mail(number)])[0]
        results = together(*[lambda event_id=event_id: process_event(core, event_id)] * THREADS)
        assert {result.event_id for result in results} == {event_id}
    assert count(core, Message) == 5


def test_first_mails_of_one_person_at_the_same_moment_make_one_contact(core, account_id, together):
    for number in range(5):
        jobs = [
            lambda event=mail(f"{number}-{n}", sender=f"p{number}@x.org"): receive(core, account_id, event)
            for n in range(THREADS)
        ]
        assert [result.state for result in together(*jobs)] == ["new"] * THREADS
    assert count(core, Contact) == 5


def test_the_same_mail_at_the_same_moment_is_one_message(core, account_id, create_account, together):
    accounts = [account_id, create_account("mailbox", address="sales@example.com")] * 2
    for number in range(5):
        results = together(*[lambda a=a, n=number: receive(core, a, mail(n)) for a in accounts])
        assert sorted(result.state for result in results) == ["duplicate"] * 3 + ["new"]
    assert count(core, Message) == 5


def test_everything_at_once_neither_deadlocks_nor_miscounts(core, account_id, create_agent, together):
    agents = [create_agent(name) for name in ("Ada", "Ben", "Cid")]
    for number in range(12):
        receive(core, account_id, mail(number, sender=f"p{number}@x.org"))
    ids = core.session.scalars(select(Conversation.id)).all()
    core.session.rollback()

    def verbs(chance, actor, turn):
        some = chance.sample(ids, 4)
        person = some[0] % 12
        answer = mail(turn, sender=f"p{person}@x.org", In_Reply_To=f"<{person}@x.org>")
        return [
            lambda: conversations.resolve(core, actor, some),
            lambda: conversations.reopen(core, actor, some),
            lambda: conversations.set_pending(core, actor, some),
            lambda: conversations.assign(core, actor, some, chance.choice(agents).agent_id),
            lambda: conversations.assign(core, actor, some, None),
            lambda: conversations.add_tag(core, actor, some, chance.choice(["a", "b", "c"])),
            lambda: conversations.remove_tag(core, actor, some, chance.choice(["a", "b", "c"])),
            lambda: replies.reply(core, actor, some[0], ReplyDraft("Hello", then=chance.choice(["open", "resolved"]))),
            lambda: receive(core, account_id, mail(turn, sender=f"q{turn}@x.org")),
            lambda: receive(core, account_id, answer),
        ]

    def work(seed):
        chance = random.Random(seed)
        for turn in range(25):
            chance.choice(verbs(chance, agents[seed % len(agents)], f"{seed}-{turn}"))()

    together(*[lambda seed=seed: work(seed) for seed in range(THREADS)])

    waiting = core.session.scalar(select(func.count()).where(InboundEvent.state == "received"))
    assert waiting == 0
    assert kept_counters(core) == counters_of_rows(core)


def test_of_many_who_take_a_message_back_one_does(core, account_id, create_agent, together):
    ada = create_agent("Ada")
    for number in range(5):
        conversation_id = receive(core, account_id, mail(number)).conversation_id
        message_id = replies.reply(core, ada, conversation_id, ReplyDraft("Hello"))

        def take_back(message_id=message_id):
            try:
                return replies.undo(core, ada, message_id)
            except AppError:
                return None

        assert sorted(together(*[take_back] * THREADS), key=str) == ["Hello"] + [None] * (THREADS - 1)
        assert core.session.get(Conversation, conversation_id, populate_existing=True).message_count == 1


def test_drafts_saved_at_the_same_moment_are_one_draft(core, account_id, create_agent, together):
    ada = create_agent("Ada")
    for number in range(5):
        conversation_id = receive(core, account_id, mail(number)).conversation_id
        together(
            *[
                lambda n=n, c=conversation_id: conversations.save_draft(core, ada, c, f"Text {n}")
                for n in range(THREADS)
            ]
        )
    assert count(core, Draft) == 5


def test_waking_the_snoozed_does_not_undo_what_an_agent_does(core, clock, account_id, create_agent, together):
    ada = create_agent("Ada")
    for number in range(8):
        conversation_id = receive(core, account_id, mail(number)).conversation_id
        conversations.snooze(core, ada, [conversation_id], clock.now().replace(hour=10 + number))
        clock.advance(hours=2)
        together(
            lambda: conversations.wake_snoozed(core),
            lambda c=conversation_id: conversations.resolve(core, ada, [c]),
            lambda: conversations.wake_snoozed(core),
        )
        core.session.rollback()
        assert core.session.get(Conversation, conversation_id, populate_existing=True).status in (
            Status.RESOLVED,
            Status.OPEN,
        )
        assert kept_counters(core) == counters_of_rows(core)
        clock.advance(hours=-1)


def test_looking_for_the_snoozed_writes_nothing_when_there_are_none(core, monkeypatch):
    def fail(*_):
        raise AssertionError("a transaction was begun to write")

    monkeypatch.setattr("app.services.conversations.writing", fail)
    assert conversations.wake_snoozed(core) == 0
    assert count(core, Change) == 0


def test_merges_at_the_same_moment_lose_nothing(core, account_id, create_agent, together):
    """Two conversations into each other, and a third into both, while answers come in."""
    actor = create_agent("Ada")
    for turn in range(4):
        people = [f"{turn}-{n}" for n in range(3)]
        for person in people:
            receive(core, account_id, mail(person, sender=f"{person}@x.org"))
        numbers = core.session.scalars(select(Conversation.number).order_by(Conversation.id.desc()).limit(3)).all()
        core.session.rollback()

        def merge(one, other, numbers=numbers):
            with contextlib.suppress(Conflict):
                rethreading.merge(core, actor, numbers[one], numbers[other])

        def answer(person):
            receive(
                core, account_id, mail(f"again-{person}", sender=f"{person}@x.org", In_Reply_To=f"<{person}@x.org>")
            )

        together(
            lambda: merge(0, 1),
            lambda: merge(1, 0),
            lambda: merge(2, 0),
            *(lambda person=person: answer(person) for person in people),
        )

    assert count(core, Message) == 4 * 6
    living = core.session.scalars(select(Conversation).where(Conversation.merged_into_id.is_(None))).all()
    of_each = core.session.execute(
        select(Message.conversation_id, func.count()).group_by(Message.conversation_id)
    ).all()
    assert dict(of_each) == {one.id: one.message_count for one in living}
    assert kept_counters(core) == counters_of_rows(core)


def test_a_mailbox_is_answered_automatically_once_at_a_time(core, clock, together, account_id):
    """Four mails of one person, in conversations of their own, are confirmed at the same moment."""
    mails = [mail(n, sender=f"Ada <ada+{n}@mail.example.org>", sent_at=clock.now()) for n in range(THREADS)]
    ids = [receive(core, account_id, one).conversation_id for one in mails]

    sent = together(*[lambda i=i: send_automatic(core, i, "We have it.") for i in ids])

    assert len(set(ids)) == THREADS
    assert sum(one is not None for one in sent) == 1
    core.session.rollback()
    assert core.session.scalars(select(AutomaticAnswer.count)).all() == [1]


def test_at_the_moment_it_is_due_a_scheduled_answer_leaves_or_is_a_draft(
    core, clock, account_id, create_agent, together, monkeypatch
):
    """The contact writes at that very moment: never both, never neither."""
    sent, ben = [], create_agent("Ben")
    monkeypatch.setattr(
        core.plugins.channels["mailbox"], "send", lambda account, message: sent.append(message) or SendReceipt("")
    )
    for number in range(4):
        first = receive(core, account_id, mail(f"first{number}", sender=f"c{number}@x.org")).conversation_id
        at = clock.now() + timedelta(days=2)
        message_id = scheduling.schedule(core, ben, first, ReplyDraft(f"Late {number}"), at, cancels_on_reply=True)
        answer = mail(f"second{number}", sender=f"c{number}@x.org", In_Reply_To=f"<first{number}@x.org>")
        (event_id,) = record_events(core, account_id, [answer])
        clock.advance(days=2)
        sent.clear()

        together(lambda i=message_id: deliver(core, i), lambda i=event_id: process_event(core, i))

        core.session.rollback()
        drafts = list(core.session.scalars(select(Draft.text).where(Draft.conversation_id == first)))
        assert (len(sent), drafts) in ((1, []), (0, [f"Late {number}"]))
        conversation = core.session.get(Conversation, first)
        assert (conversation.status, conversation.message_count) == (Status.OPEN, 3 - len(drafts))


def test_mails_that_come_while_contacts_are_merged_are_theirs(core, account_id, together, create_agent):
    ada = create_agent("Ada")
    for number in range(5):
        people = [f"{name}{number}@x.org" for name in ("a", "b")]
        for person in people:
            receive(core, account_id, mail(f"first-{person}", sender=person))
        source, into = contacts_of(core, people)

        def come(place, sender=people[0], number=number):
            return receive(core, account_id, mail(f"{place}-{number}", sender=sender)).state

        results = together(
            lambda: come("one"), lambda: come("two"), lambda pair=(source, into): merge_contacts(core, ada, *pair)
        )

        assert results[:2] == ["new", "new"]
        assert contacts_of(core, people) == [into, into]
        held = core.session.scalars(select(Conversation.id).where(Conversation.contact_id == into)).all()
        assert len(held) == 4


def test_contacts_are_merged_and_taken_apart_while_their_conversations_change(core, account_id, together, create_agent):
    ada = create_agent("Ada")
    for turn in range(3):
        people = [f"{name}{turn}@x.org" for name in ("a", "b")]
        for number in range(8):
            receive(core, account_id, mail(f"{turn}-{number}", sender=people[number % 2]))
        source, into = contacts_of(core, people)
        of_both = Conversation.contact_id.in_([source, into])
        rows = core.session.execute(select(Conversation.id, Conversation.number).where(of_both)).all()
        core.session.rollback()
        ids, numbers = [row.id for row in rows], [row.number for row in rows]

        def merge_twice(source=source, into=into):
            merge_contacts(core, ada, source, into)
            undo_merge(core, ada, source)
            merge_contacts(core, ada, source, into)

        together(
            merge_twice,
            *(
                lambda one=one, other=-1 - one, n=numbers: rethreading.merge(core, ada, n[other], n[one])
                for one in (0, 1)
            ),
            *(
                lambda verb=verb, ids=ids: verb(core, ada, ids)
                for verb in (conversations.resolve, conversations.reopen)
            ),
        )

        assert contacts_of(core, people) == [into, into]
        assert core.session.scalars(select(Conversation.id).where(Conversation.contact_id == source)).all() == []


def contacts_of(core, addresses):
    core.session.rollback()
    found = dict(core.session.execute(select(ContactIdentity.value, ContactIdentity.contact_id)).all())
    return [found[address] for address in addresses]
