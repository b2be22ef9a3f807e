"""Promises to whoever writes through a channel that cannot carry everything: it is said beside the field, and nothing typed is lost."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import select

from app.jobs.housekeeping import do_housekeeping
from app.models import Attachment, Conversation, DraftFile, Message, Status
from app.plugin_api.channel import Capability

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def limit_echo(core, monkeypatch):
    """Return a function that leaves the echo channel these capabilities only."""
    channel = type(core.plugins.channels["echo"])
    return lambda *can: monkeypatch.setattr(channel, "capabilities", frozenset(can))


def letter(account_id, **fields):
    return {"account": str(account_id), "to": "ada", "body": "A long letter", **fields}


def test_fields_that_no_account_can_send_are_not_offered(agent, create_account, limit_echo):
    limit_echo(Capability.SEND, Capability.BEGIN)
    create_account("echo")
    page = agent.get("/compose").text

    assert 'name="to"' in page
    assert not [name for name in ("subject", "cc", "files") if f'name="{name}"' in page]

    create_account("mailbox", address="help@example.com")
    page = agent.get("/compose").text
    assert all(f'name="{name}"' in page for name in ("subject", "cc", "files"))


def test_a_first_message_that_would_lose_something_comes_back_whole(agent, core, create_account, limit_echo):
    limit_echo(Capability.SEND, Capability.BEGIN)
    account_id = create_account("echo")
    agent.get("/compose")
    files = (BytesIO(b"%PDF-1.7"), "label.pdf")
    answer = agent.post("/compose", letter(account_id, subject="My order", cc="ben", files=files))

    assert answer.status_code == 422
    assert all(typed in answer.text for typed in ("A long letter", "My order", 'value="ben"'))
    assert "This account cannot send a subject." in answer.text
    assert "This account cannot send copies" in answer.text
    assert re.search(r'name="kept" [^>]* checked><span [^>]*>label.pdf<', answer.text)
    assert core.session.query(Conversation).count() == 0


def test_the_files_of_a_refused_first_message_go_along_once_it_is_right(agent, sign_in, core, clock, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    typed = letter(account_id, to="nobody", files=(BytesIO(b"%PDF-1.7"), "label.pdf"))
    (kept,) = re.findall(r'name="kept" value="(\d+)"[^>]* checked>', agent.post("/compose", typed).text)
    right = letter(account_id, to="ada@x.example", kept=kept, kept_shown=kept)
    stranger = sign_in("Ben")
    assert "Choose the files again, please." in stranger.post("/compose", right).text

    assert agent.post("/compose", right).status_code == 303
    assert core.session.scalars(select(Attachment.filename)).all() == ["label.pdf"]
    assert core.session.scalars(select(DraftFile)).all() == []

    agent.post("/compose", letter(account_id, to="nobody", files=(BytesIO(b"%PDF-1.7"), "label.pdf")))
    clock.advance(days=8)
    do_housekeeping(core)
    assert core.session.scalars(select(DraftFile)).all() == []


def test_a_first_message_leaves_later_or_with_a_reminder(agent, core, clock, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    to = {"to": "ada@x.example"}
    refused = agent.post("/compose", letter(account_id, **to, at_local="2026-01-01T09:00"))
    menu = re.search(r'<details class="[^"]*later-menu" open>.*?</details>', refused.text, re.S)[0]
    assert (refused.status_code, "This moment has passed." in menu) == (422, True)
    assert 'name="cancels_on_reply"' not in menu

    agent.post("/compose", letter(account_id, **to, at_local="2026-04-01T09:00", at_chosen="1"))
    message, conversation = (
        core.session.scalars(select(Message)).one(),
        core.session.scalars(select(Conversation)).one(),
    )
    assert message.scheduled_at == message.due_at == datetime(2026, 4, 1, 9, tzinfo=UTC)
    assert (conversation.status, conversation.preview) == (Status.PENDING, "A long letter")
    assert "Will be sent Wed 1 Apr, 9:00." in agent.get("/conversations/1").text
    agent.post("/conversations/1/scheduled", {"message": message.id, "action": "cancel"})
    assert ">A long letter</textarea>" in agent.get("/conversations/1").text

    reminder = re.search(r'name="remind" value="([^"]+)"', agent.get("/compose").text)[1]
    agent.post("/compose", letter(account_id, to="ben@x.example", remind=reminder))
    core.session.rollback()
    second = core.session.scalars(select(Conversation).where(Conversation.number == 2)).one()
    assert (second.status, second.snoozed_until) == (Status.SNOOZED, datetime.fromisoformat(reminder))


def test_files_are_refused_with_a_sentence_beside_them(agent, core, create_account, limit_echo):
    limit_echo(Capability.SEND, Capability.BEGIN)
    create_account("mailbox", address="help@example.com")
    answer = agent.post("/compose", letter(create_account("echo"), files=(BytesIO(b"%PDF-1.7"), "label.pdf")))

    assert answer.status_code == 422
    assert "This account cannot send files." in answer.text


def test_a_second_person_is_refused_where_they_were_named(agent, create_account, limit_echo):
    limit_echo(Capability.SEND, Capability.BEGIN)
    answer = agent.post("/compose", letter(create_account("echo"), to="ada, ben"))

    assert answer.status_code == 422
    assert 'id="to-problem"' in answer.text


def test_what_a_channel_carries_is_sent(agent, create_account):
    answer = agent.post("/compose", letter(create_account("echo"), subject="My order"))

    assert answer.location == "/conversations/1"
    assert "My order" in agent.get("/conversations/1").text


def test_accounts_that_can_only_answer_are_not_offered(agent, create_account, limit_echo):
    limit_echo(Capability.WEBHOOK, Capability.SEND)
    account_id = create_account("echo", name="Only answers")

    assert "Only answers" not in agent.get("/compose").text
    assert agent.post("/compose", letter(account_id)).status_code == 422


def test_an_answer_that_would_lose_its_copies_comes_back_whole(agent, core, create_account, limit_echo):
    agent.post("/compose", letter(create_account("echo")))
    agent.get("/conversations/1")
    before = core.session.query(Message).count()
    answer = agent.post("/conversations/1/reply", {"to": "ada", "cc": "ben", "body": "One more thing"})

    assert answer.status_code == 422
    assert all(typed in answer.text for typed in ("One more thing", 'name="cc" value="ben"'))
    assert "This account cannot send copies" in answer.text
    assert core.session.query(Message).count() == before
