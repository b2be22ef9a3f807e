"""Promises of search: the newest first, nothing typed is an error, and it ends in time."""

import re

import pytest
from sqlalchemy import select

from app.models import Conversation
from app.queries import search as queries
from app.queries.search_text import parse_search
from app.services import conversations
from app.services.core import Actor
from tests.integration.core.mails import create_mail


@pytest.fixture
def three(receive_mail, clock):
    for number, (who, subject, body) in enumerate(
        [
            ("Cleo <cleo@mail.example.org>", "Broken lamp", "The glass shade is cracked."),
            ("Jonas <jonas@mail.example.org>", "Invoice", "Please send the invoice for the lamp."),
            ("Mei <mei@mail.example.org>", "Opening hours", "Are you open at Easter? Große Straße, café."),
        ]
    ):
        receive_mail(create_mail(message_id=f"s{number}@x.example", sender=who, subject=subject, body=body))
        clock.advance(days=1)


def found(agent, query):
    answer = agent.get("/search", query_string={"q": query})
    assert answer.status_code == 200, answer.text
    return [int(number) for number in re.findall(r'class="item-link" href="/conversations/(\d+)"', answer.text)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("lamp", [2, 1]),
        ("LAMP", [2, 1]),
        ("invo", [2]),
        ("cafe", [3]),
        ("CAFÉ", [3]),
        ("mail.example.org", [3, 2, 1]),
        ("example", [3, 2, 1]),
        ("lamp invoice", [2]),
        ('"glass shade"', [1]),
        ('"shade glass"', []),
        ("subject:lamp", [1]),
        ("from:jonas", [2]),
        ("cleo@mail.example.org", [1]),
        ("café", [3]),
        ("lamp is:resolved", [1]),
        ("lamp is:open", [2]),
        ("is:open", [3, 2]),
        ("tag:vip", [3]),
        ("assignee:me", [2]),
        ("assignee:none lamp", [1]),
        ("assignee:ada", [2]),
        ("has:attachment", []),
        ("after:2026-03-02 is:open", [3, 2]),
        ("before:2026-03-03 lamp", [1]),
        ("nothing like this", []),
    ],
)
def test_a_search_finds_what_it_says(agent, core, three, query, expected):
    actor = Actor(agent.agent_id, "Ada", "agent")
    ids = {c.number: c.id for c in core.session.scalars(select(Conversation))}
    conversations.assign(core, actor, [ids[2]], agent.agent_id)
    conversations.add_tag(core, actor, [ids[3]], "vip")
    conversations.resolve(core, actor, [ids[1]])

    assert found(agent, query) == expected


@pytest.mark.parametrize(
    "query",
    ['"', '""', "*", "a*b", "AND", "OR NOT", "NEAR(a b)", "subject:", "-lamp", "(lamp", "lamp)", "'; DROP TABLE message; --", "lamp:*",
     "\\", "a & b | !c", "<->", "\x00", "😀", "x" * 5000, "col:lamp", "{subject}: x", "^lamp"],
)  # fmt: skip
def test_whatever_is_typed_is_answered(agent, three, query):
    found(agent, query)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("is:happy", "After is: comes"), ("before:soon", "After before: comes a date"), ("has:fun", "After has:")],
)
def test_an_operator_that_cannot_be_understood_is_explained(agent, query, sentence):
    assert sentence in agent.get("/search", query_string={"q": query}).text


def test_the_snippet_marks_the_hits_and_nothing_else(agent, receive_mail):
    receive_mail(create_mail(body="Look <b>here</b>: the lamp & the shade"))
    page = agent.get("/search?q=lamp").text

    assert "<mark>lamp</mark>" in page
    assert "<b>here</b>" not in page


def test_a_number_leads_to_its_conversation(agent, three):
    assert agent.get("/search?q=%232").location == "/conversations/2"
    assert agent.get("/search?q=%2399").status_code == 200


def test_many_hits_are_paged_without_doubling(agent, receive_mail, clock):
    for number in range(70):
        receive_mail(
            create_mail(message_id=f"m{number}@x.example", sender=f"p{number}@x.example", body="the same words")
        )
    seen, address = [], "/search?q=same"
    while address:
        page = agent.get(address).text
        seen += [int(n) for n in re.findall(r'class="item-link" href="/conversations/(\d+)"', page)]
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else None

    assert seen == list(range(70, 0, -1))


def test_notes_are_found(agent, core, three):
    conversations.add_note(core, Actor(agent.agent_id, "Ada", "agent"), 1, "Ask the workshop")

    assert found(agent, "workshop") == [1]


def test_a_search_that_takes_too_long_ends_and_says_what_helps(agent, core, three, monkeypatch):
    slow = queries.search

    def interrupted(*args, **kwargs):
        return slow(*args, **{**kwargs, "budget_s": 0.0001})

    monkeypatch.setattr("app.web.pages.search.search", interrupted)
    monkeypatch.setattr(queries, "_find", _sleep)
    answer = agent.get("/search?q=lamp")

    assert answer.status_code == 200
    assert "takes too long" in answer.text
    assert agent.get("/").status_code == 200


def _sleep(session, *_):
    """A statement that the database is busy with for some seconds."""
    from sqlalchemy import text

    if session.get_bind().dialect.name == "sqlite":
        count = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000) SELECT count(*) FROM n"
        )
        session.execute(text(count)).all()
    else:
        session.execute(text("SELECT pg_sleep(5)"))
    return [], None


def test_nothing_typed_searches_nothing(agent, three):
    assert parse_search("  ").is_empty
    assert found(agent, "") == []
