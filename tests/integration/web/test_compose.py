"""Promises to whoever writes through a channel that cannot carry everything: it is said beside the field, and nothing typed is lost."""

from io import BytesIO

import pytest

from app.models import Conversation, Message
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
    assert "Choose the files again, please." in answer.text
    assert core.session.query(Conversation).count() == 0


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
