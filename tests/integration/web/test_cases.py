"""Promises of cases: what one person wants is one row of the Inbox, two agents do not answer it side by side, and an agent may say
otherwise."""

import re

import pytest

from app.models import Change, Conversation, Status
from app.realtime.topics import topics_of
from app.services import conversations, replies
from app.services.core import Actor
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail
from tests.integration.web.visitor import counted_queries

CLEO = "Cleo Customer <cleo@mail.example.org>"
ROW = re.compile(r'id="row-(\d+)"')


@pytest.fixture
def write(receive_mail, clock):
    """Return a function that lets somebody open a conversation and gives its id."""
    numbers = iter(range(1, 1000))

    def send(sender=CLEO, subject="", **headers):
        clock.advance(minutes=1)
        number = next(numbers)
        mail = create_mail(message_id=f"{number}@x.org", sender=sender, subject=subject or f"S{number}", **headers)
        return receive_mail(mail).conversation_id

    return send


@pytest.fixture
def lea(create_agent):
    return create_agent("Lea")


def rows(visitor, address="/"):
    return [int(number) for number in ROW.findall(visitor.get(address).text)]


def banner(visitor, number):
    page = visitor.get(f"/conversations/{number}").text
    found = re.search(r'<section class="case-banner.*?</section>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def status_of(core, number):
    core.session.rollback()
    return core.session.query(Conversation).filter_by(number=number).one().status


def test_what_a_person_wants_is_one_row_until_it_is_resolved(agent, core, write, lea):
    first, _, second = write(), write("Ben <ben@q.example.net>"), write()

    page = agent.get("/").text
    assert ROW.findall(page) == ["3", "2"]
    assert "+1</span>" in page
    assert rows(agent, "/?cases=apart") == [3, 2, 1]
    assert 'href="/?cases=apart"' in page

    conversations.set_pending(core, lea, [second])
    assert (rows(agent), rows(agent, "/?status=pending")) == ([2, 1], [3])
    conversations.resolve(core, lea, [second])
    assert "+1" not in agent.get("/").text
    conversations.reopen(core, lea, [second])
    assert rows(agent) == [3, 2]
    conversations.spam(core, lea, [first])
    assert "+1" not in agent.get("/").text


def test_a_row_stands_for_what_its_filters_show(agent, core, write, lea):
    mine, theirs = write(), write()
    conversations.assign(core, lea, [mine], agent.agent_id)
    conversations.assign(core, lea, [theirs], lea.agent_id)
    conversations.add_tag(core, lea, [mine], "refund")

    assert rows(agent) == [2]
    assert rows(agent, "/?assignee=me") == [1]
    assert rows(agent, "/?tag=1") == [1]
    assert rows(agent, "/?order=oldest") == [2]
    assert rows(agent, "/?order=waiting") == [1]


def test_folded_lists_are_paged_without_losing_or_doubling_a_row(agent, write):
    for number in range(60):
        write(f"Person {number} <p{number}@x.org>")
    for number in range(0, 60, 3):
        write(f"Person {number} <p{number}@x.org>")
    seen, address = [], "/"
    while address:
        page = agent.get(address).text
        seen += [int(one) for one in ROW.findall(page)]
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else None

    assert seen == [*range(80, 60, -1), *(n for n in range(60, 0, -1) if (n - 1) % 3)]
    assert '<span class="count">80</span>' in agent.get("/").text


def test_lists_and_programs_stand_apart(agent, write):
    write(List_Id="<news.example.org>", List_Post="<mailto:news@example.org>")
    write(Auto_Submitted="auto-generated")
    write("Shop <no-reply@mail.example.org>")
    write("Shop <no-reply@mail.example.org>")

    assert rows(agent) == [4, 3, 2, 1]
    assert banner(agent, 4) == ""


def test_the_banner_says_who_is_at_it(agent, core, write, lea, clock):
    first, second = write(subject="Refund"), write()
    assert "This person wants more" in banner(agent, 2)
    assert "#1 nobody has it" in banner(agent, 2)

    conversations.save_draft(core, lea, first, "Dear Cleo")
    assert "Already being answered #1 Lea is writing" in banner(agent, 2)

    replies.reply(core, lea, first, ReplyDraft("It is on its way."))
    assert "Already being answered #1 Lea wrote" in banner(agent, 2)

    conversations.resolve(core, lea, [first])
    assert "Refund" in banner(agent, 2)
    clock.advance(minutes=11)
    assert banner(agent, 2) == ""

    conversations.assign(core, lea, [second], agent.agent_id)
    conversations.reopen(core, lea, [first])
    assert "This person wants more" in banner(agent, 1)
    assert "#2 Ada has it" in banner(agent, 1)


def test_pages_without_a_case_take_no_more_queries(agent, tidings_app, write):
    write()
    write("Ben <ben@q.example.net>")
    agent.get("/conversations/1")
    with counted_queries(tidings_app) as alone:
        agent.get("/conversations/1")
    write()
    agent.get("/conversations/1")
    with counted_queries(tidings_app) as together:
        agent.get("/conversations/1")

    assert len(together) == len(alone) + 1


def test_who_answers_while_another_has_just_answered_is_asked_once(agent, core, write, lea, clock):
    first, _ = write(), write()
    replies.reply(core, lea, first, ReplyDraft("It is on its way."))
    clock.advance(minutes=4)

    asked = agent.post("/conversations/2/reply", {"body": "Here I am."})

    assert asked.status_code == 422
    assert "Lea answered in #1 4 min ago" in asked.text
    assert "Here I am." in asked.text
    knows_of = re.search(r'name="knows_of" value="(\d+)"', asked.text)[1]
    assert agent.post("/conversations/2/reply", {"body": "Here I am.", "knows_of": knows_of}).status_code == 303


def test_nobody_is_asked_about_own_or_old_answers(agent, core, write, lea, clock):
    first, _ = write(), write()
    ada = Actor(agent.agent_id, "Ada", "agent")
    replies.reply(core, lea, first, ReplyDraft("It is on its way."))
    clock.advance(minutes=11)
    replies.reply(core, ada, first, ReplyDraft("As my colleague says."))

    assert agent.post("/conversations/2/reply", {"body": "Here I am."}).status_code == 303


def test_a_case_is_resolved_and_assigned_as_one(agent, core, write):
    write(), write(), write("Ben <ben@q.example.net>")

    agent.post("/conversations/2/change", {"action": "assign_case"})
    core.session.rollback()
    assigned = core.session.query(Conversation.number).filter_by(assignee_id=agent.agent_id)
    assert sorted(number for (number,) in assigned) == [1, 2]
    agent.post("/conversations/2/change", {"action": "resolve_case"})

    assert [status_of(core, n) for n in (1, 2, 3)] == [Status.RESOLVED, Status.RESOLVED, Status.OPEN]
    assert "Ada resolved this" in agent.get("/conversations/1").text


def test_an_agent_takes_a_conversation_out_and_puts_it_back(agent, core, write):
    write(), write()

    agent.post("/conversations/1/change", {"action": "take_out"})
    page = agent.get("/conversations/1").text
    assert "Ada took this out of the case" in page
    assert 'value="put_in"' in page
    assert (rows(agent), banner(agent, 1), banner(agent, 2)) == ([2, 1], "", "")
    agent.post("/conversations/1/change", {"action": "resolve_case"})
    assert status_of(core, 2) == Status.OPEN

    agent.post("/conversations/1/change", {"action": "reopen"})
    agent.post("/conversations/1/change", {"action": "put_in"})
    assert rows(agent) == [2]
    assert "Ada put this back into the case" in agent.get("/conversations/1").text


def test_a_page_hears_of_everything_in_its_case(agent, core, write, lea):
    write()
    listens = re.search(r'data-live="([^"]*case:\d+)"', agent.get("/conversations/1").text)[1].split()

    def heard():
        core.session.rollback()
        change = core.session.query(Change).order_by(Change.id.desc()).first()
        return set(listens) & set(topics_of(change.topic, change.data)) - {"conversation:1"}

    second = write()
    assert heard()
    conversations.assign(core, lea, [second], lea.agent_id)
    conversations.set_pending(core, lea, [second])
    core.session.query(Change).delete()
    core.session.commit()
    replies.reply(core, lea, second, ReplyDraft("It is on its way."))
    assert heard()
