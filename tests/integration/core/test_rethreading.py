"""Promises of re-threading: what agents split off, move and merge stays whole, counted, found and learnt, and can be put back."""

import pytest
from sqlalchemy import func, select

from app.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.models import (
    Activity,
    Conversation,
    Counter,
    Draft,
    DraftFile,
    Message,
    Note,
    SearchEntry,
    Tag,
    ThreadRule,
)
from app.queries.conversation_list import ConversationFilter
from app.queries.conversation_list import conversations as listed
from app.queries.search import search
from app.queries.search_text import parse_search
from app.services import conversations, replies, rethreading
from app.services.core import Actor
from app.services.counting import state_counters
from app.services.replies import NewFile, ReplyDraft
from app.services.seen import mark_seen
from tests.integration.core.mails import create_mail

ADA, BEN = "ada@mail.example.org", "ben@other.example.net"


@pytest.fixture
def arrive(receive_mail):
    """Return a function that takes in a mail: its id, the one it answers, who wrote it."""

    def take(own_id, answers=None, sender=ADA, **options):
        headers = {"In_Reply_To": f"<{answers}@x.org>"} if answers else {}
        mail = create_mail(message_id=f"{own_id}@x.org", sender=sender, body=f"Words of {own_id}", **headers, **options)
        return receive_mail(mail)

    return take


@pytest.fixture
def agent(create_agent):
    return create_agent("Lea")


def conversation(core, number):
    core.session.rollback()
    return core.session.scalar(
        select(Conversation).where(Conversation.number == number).execution_options(populate_existing=True)
    )


def texts(core, number):
    statement = (
        select(Message.text)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.number == number)
        .order_by(Message.id)
    )
    return [text.strip().removeprefix("Words of ") for text in core.session.scalars(statement)]


def counters_are_true(core):
    """Whether every counter says what there is."""
    core.session.rollback()
    tally = {}
    for one in core.session.scalars(select(Conversation).where(Conversation.merged_into_id.is_(None))):
        for name in state_counters(one):
            tally[name] = tally.get(name, 0) + 1
    kept = core.session.execute(select(Counter.name, Counter.value).where(Counter.value != 0))
    return tally == {name: value for name, value in kept if name.startswith(("status:", "open:"))}


def found(core, words):
    results = search(core.session, parse_search(words), agent_id=0)
    return [hit.row.number for hit in results.hits]


def why(core, message_id):
    core.session.rollback()
    return core.session.get(Message, message_id, populate_existing=True).joined_by


def test_what_is_split_off_is_a_conversation_of_its_own(core, arrive, agent):
    arrive("a")
    second = arrive("b", "a", subject="Something else")
    arrive("c", "b")
    third = core.session.scalars(select(Message.id).order_by(Message.id.desc())).first()

    number = rethreading.split(core, agent, [second.message_id, third])

    assert (texts(core, 1), texts(core, number)) == (["a"], ["b", "c"])
    old, new = conversation(core, 1), conversation(core, number)
    assert (old.message_count, new.message_count) == (1, 2)
    assert (new.subject, new.contact_id, new.status) == ("Something else", old.contact_id, "open")
    assert (old.preview, new.preview) == ("Words of a", "Words of c")
    assert new.waiting_since is not None
    assert counters_are_true(core)
    assert found(core, "words of b") == [number]
    assert why(core, second.message_id) == "moved"
    assert why(core, third) == "in_reply_to"
    kinds = core.session.execute(select(Activity.conversation_id, Activity.kind)).all()
    assert set(kinds) == {(old.id, "split_off"), (new.id, "split_from")}


def test_answers_follow_what_was_split_off(core, arrive, agent):
    arrive("a")
    second = arrive("b", "a")
    number = rethreading.split(core, agent, [second.message_id])

    assert arrive("c", "b").conversation_id == conversation(core, number).id
    assert arrive("d", "a").conversation_id == conversation(core, 1).id


def test_what_was_split_off_is_never_brought_back_by_a_missing_message(core, arrive, agent):
    """Both name one missing mail. When it comes it belongs to one of them, and does not tie them together again."""
    arrive("a", "lost")
    second = arrive("b", "lost")
    assert conversation(core, 1).message_count == 2
    number = rethreading.split(core, agent, [second.message_id])

    late = arrive("lost")
    sibling = arrive("c", "lost")

    assert conversation(core, 1).merged_into_id is conversation(core, number).merged_into_id is None
    assert late.conversation_id == sibling.conversation_id == conversation(core, number).id


def test_one_message_has_to_stay(core, arrive, agent):
    only = arrive("a")

    with pytest.raises(InvalidInput):
        rethreading.split(core, agent, [only.message_id])
    with pytest.raises(NotFound):
        rethreading.split(core, agent, [only.message_id + 1000])


def test_messages_of_two_conversations_are_not_moved_at_once(core, arrive, agent):
    one, other = arrive("a"), arrive("b")

    with pytest.raises(NotFound):
        rethreading.split(core, agent, [one.message_id, other.message_id])


def test_what_another_person_wrote_is_split_off_for_them(core, arrive, agent):
    arrive("a", Cc=BEN)
    bens = arrive("b", "a", sender=BEN)
    number = rethreading.split(core, agent, [bens.message_id])

    assert conversation(core, number).contact_id == core.session.get(Message, bens.message_id).contact_id


def test_a_moved_message_is_in_the_other_conversation(core, arrive, agent):
    arrive("a")
    strayed = arrive("b", "a")
    arrive("z", subject="My other order")

    assert rethreading.move(core, agent, [strayed.message_id], 2) == 2

    assert (texts(core, 1), texts(core, 2)) == (["a"], ["b", "z"])
    assert arrive("c", "b").conversation_id == conversation(core, 2).id
    assert counters_are_true(core)
    assert found(core, "words of b") == [2]


def test_moving_the_last_message_merges(core, arrive, agent):
    only = arrive("a")
    arrive("z")

    rethreading.move(core, agent, [only.message_id], 2)

    assert conversation(core, 1).merged_into_id == conversation(core, 2).id


def test_merged_conversations_are_one(core, arrive, agent, clock):
    first = arrive("a")
    clock.advance(minutes=5)
    second = arrive("z", sender=BEN)
    conversations.add_note(core, agent, second.conversation_id, "Look at this")
    conversations.add_tag(core, agent, [first.conversation_id, second.conversation_id], "both")
    conversations.add_tag(core, agent, [second.conversation_id], "zebra")
    conversations.set_priority(core, agent, [second.conversation_id], 3)
    conversations.save_draft(core, agent, first.conversation_id, "Dear Ada")
    conversations.save_draft(
        core, agent, second.conversation_id, "Dear Ben", files=[NewFile("offer.pdf", "application/pdf", b"%")]
    )
    conversations.resolve(core, agent, [first.conversation_id])

    assert rethreading.merge(core, agent, 2, 1) == 1

    one, gone = conversation(core, 1), conversation(core, 2)
    assert texts(core, 1) == ["a", "z"]
    assert (one.message_count, one.status, one.priority) == (2, "open", 3)
    assert one.waiting_since is not None
    assert (gone.merged_into_id, gone.message_count) == (one.id, 0)
    assert core.session.scalar(select(Note.conversation_id)) == one.id
    assert core.session.execute(select(Draft.conversation_id, Draft.text)).all() == [(one.id, "Dear Ada\n\nDear Ben")]
    assert core.session.execute(select(DraftFile.conversation_id, DraftFile.filename)).all() == [(one.id, "offer.pdf")]
    tags = {name: core.session.scalar(select(Counter.value).where(Counter.name == f"tag:{i}")) for i, name in
            core.session.execute(select(Tag.id, Tag.name))}  # fmt: skip
    assert tags == {"both": 1, "zebra": 1}
    assert set(core.session.scalars(select(SearchEntry.conversation_id))) == {one.id}
    assert counters_are_true(core)
    shown = listed(core.session, ConversationFilter(), agent_id=agent.agent_id)
    assert [row.number for row in shown.rows] == [1]
    assert [row.number for row in listed(core.session, ConversationFilter(status="resolved"), agent_id=0).rows] == []


def test_a_merged_conversation_leads_on(core, arrive, agent):
    """By the ids of its messages, and by our token, over two merges."""
    first = arrive("a")
    message_id = replies.reply(core, agent, first.conversation_id, ReplyDraft("On its way."))
    token = core.session.get(Message, message_id).external_id.split(".")[1]
    arrive("y", sender=BEN)
    arrive("z", sender=BEN, subject="Another one")
    rethreading.merge(core, agent, 1, 2)
    rethreading.merge(core, agent, 2, 3)

    answer = arrive("b", "a")
    phone = arrive("c", sender="ada@phone.example.org", to=f"help+r-{token}@example.com")

    assert answer.conversation_id == phone.conversation_id == conversation(core, 3).id
    assert why(core, phone.message_id) == "token"


def test_what_was_merged_away_cannot_be_worked_on(core, arrive, agent):
    first = arrive("a")
    arrive("z")
    rethreading.merge(core, agent, 1, 2)

    conversations.reopen(core, agent, [first.conversation_id, conversation(core, 2).id])
    with pytest.raises(Conflict):
        rethreading.merge(core, agent, 1, 2)
    with pytest.raises(Conflict):
        rethreading.merge(core, agent, 2, 1)
    with pytest.raises(InvalidInput):
        rethreading.merge(core, agent, 2, 2)
    with pytest.raises(NotFound):
        rethreading.merge(core, agent, 2, 99)
    assert counters_are_true(core)


def test_agents_have_seen_of_both_what_they_saw_of_each(core, arrive, agent, create_agent):
    first, second = arrive("a"), arrive("b", "a")
    ben = create_agent("Ben")
    mark_seen(core, agent, first.conversation_id, 2)
    mark_seen(core, ben, first.conversation_id, 1)

    number = rethreading.split(core, agent, [second.message_id])

    def unread(actor):
        shown = listed(core.session, ConversationFilter(), agent_id=actor.agent_id)
        return sorted(row.number for row in shown.rows if row.is_unread)

    assert (unread(agent), unread(ben)) == ([], [number])
    rethreading.merge(core, agent, number, 1)
    assert (unread(agent), unread(ben)) == ([], [1])


@pytest.mark.parametrize("seen_from", [1, 2])
def test_what_was_split_off_can_be_put_back(core, arrive, agent, seen_from):
    arrive("a")
    second = arrive("b", "a")
    rethreading.split(core, agent, [second.message_id])

    assert rethreading.put_back(core, agent, seen_from) == 1

    assert texts(core, 1) == ["a", "b"]
    assert conversation(core, 2).merged_into_id == conversation(core, 1).id
    assert why(core, second.message_id) == "in_reply_to"
    assert core.session.scalar(select(func.count()).select_from(ThreadRule)) == 0
    assert counters_are_true(core)
    with pytest.raises(Conflict):
        rethreading.put_back(core, agent, 1)


@pytest.mark.parametrize("seen_from", [1, 2])
def test_what_was_moved_can_be_put_back(core, arrive, agent, seen_from):
    arrive("a")
    strayed = arrive("b", "a")
    arrive("z")
    rethreading.move(core, agent, [strayed.message_id], 2)

    assert rethreading.put_back(core, agent, seen_from) == 1

    assert (texts(core, 1), texts(core, 2)) == (["a", "b"], ["z"])
    assert why(core, strayed.message_id) == "in_reply_to"
    assert arrive("c", "b").conversation_id == conversation(core, 1).id
    with pytest.raises(Conflict):
        rethreading.put_back(core, agent, 3 - seen_from)


def test_what_was_merged_can_be_put_back(core, arrive, agent):
    first, second = arrive("a"), arrive("z", sender=BEN)
    conversations.add_tag(core, agent, [second.conversation_id], "zebra")
    conversations.add_note(core, agent, second.conversation_id, "Look at this")
    rethreading.merge(core, agent, 2, 1)
    later = arrive("y", "z", sender=BEN)
    assert later.conversation_id == first.conversation_id

    assert rethreading.put_back(core, agent, 1) == 2

    assert (texts(core, 1), texts(core, 2)) == (["a", "y"], ["z"])
    assert core.session.scalar(select(Note.conversation_id)) == second.conversation_id
    assert conversation(core, 2).status == "open"
    assert counters_are_true(core)
    assert found(core, "words of z") == [2]
    assert why(core, second.message_id) == "new"


def test_only_the_last_step_can_be_put_back(core, arrive, agent):
    arrive("a")
    second, third = arrive("b", "a"), arrive("c", "a")
    rethreading.split(core, agent, [second.message_id])
    rethreading.split(core, agent, [third.message_id])

    rethreading.put_back(core, agent, 1)
    with pytest.raises(Conflict):
        rethreading.put_back(core, agent, 1)
    assert texts(core, 1) == ["a", "c"]


def test_nothing_happens_without_permission(core, arrive, monkeypatch):
    only = arrive("a")
    nobody = Actor(agent_id=None, name="Nobody", role="agent")
    monkeypatch.setattr("app.services.core.may", lambda role, permission: False)
    for verb in (
        lambda: rethreading.split(core, nobody, [only.message_id]),
        lambda: rethreading.move(core, nobody, [only.message_id], 1),
        lambda: rethreading.merge(core, nobody, 1, 1),
        lambda: rethreading.put_back(core, nobody, 1),
    ):
        with pytest.raises(NotAllowed):
            verb()
