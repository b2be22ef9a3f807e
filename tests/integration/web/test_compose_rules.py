"""Promises of what a channel says about first messages: the page offers its ways, and nobody sends in one they have not seen."""

import re

import pytest
from sqlalchemy import select

from app.models import Conversation, Message
from tests.integration.web.bellboy import bellboy_plugin
from tests.integration.web.test_reply_rules import CARD, CLOSED, LOUD, SOFT, sent

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def bellboy(core, create_account):
    with bellboy_plugin(core, create_account) as plugin:
        yield plugin


def ways(page: str) -> list[tuple[str, bool]]:
    """(key, whether it is chosen) of each way that is offered."""
    found = re.findall(r'<input type="radio" name="choice" value="(\w+)"[^>]*?( checked)?>', page)
    return [(key, bool(checked)) for key, checked in found]


def note(account_id: int, **fields: str) -> dict[str, str]:
    return {"account": str(account_id), "to": "14", "body": "Good morning.", **fields}


def test_the_ways_of_the_topmost_account_are_offered_before_one_is_chosen(agent, bellboy):
    bellboy.says(notice="They listen for five hours.", longest=20, choices=[LOUD, SOFT])
    page = agent.get("/compose").text
    assert "They listen for five hours." in page
    assert ways(page) == [("loud", True), ("soft", False)]
    asked = bellboy.store.get("asked")
    assert (asked["conversation_id"], asked["contact"]) == ("0", "Participant(kind='room', value='', name='')")


def test_the_ways_follow_the_account_and_the_person(agent, create_account, bellboy):
    mailbox = create_account("mailbox", address="help@example.com")
    bellboy.says(choices=[LOUD, SOFT])
    assert ways(agent.get(f"/compose?account={mailbox}&to=ada@example.com&choice=soft").text) == []
    page = agent.get(f"/compose?account={bellboy.account_id}&to=14&choice=soft").text
    assert ways(page) == [("loud", False), ("soft", True)]
    assert "value='14'" in bellboy.store.get("asked")["contact"]
    assert ways(agent.get(f"/compose?account={bellboy.account_id}&choice=gone").text)[0] == ("loud", True)


def test_nobody_sends_in_a_way_they_have_not_seen(agent, core, bellboy):
    """Without scripts the page still shows what another account takes when this one was chosen."""
    bellboy.says(choices=[LOUD, SOFT])
    answer = agent.post("/compose", note(bellboy.account_id))
    assert answer.status_code == 422
    assert "Choose how to send it." in answer.text
    assert all(typed in answer.text for typed in ('value="14"', "Good morning.</textarea>"))
    assert ways(answer.text) == [("loud", True), ("soft", False)]
    assert sent(core) == []
    assert agent.post("/compose", note(bellboy.account_id, choice="soft")).location == "/conversations/1"
    assert sent(core) == [("soft", "Good morning.")]


def test_a_prepared_text_begins_a_conversation_where_no_other_may(agent, core, bellboy):
    bellboy.says(notice=CLOSED, is_refused=True, choices=[LOUD, CARD])
    page = agent.get("/compose").text
    assert CLOSED in page
    assert ways(page) == [("card", True)]
    assert not re.search(r"<textarea[^>]* required", page), "browsers would ask for a text that is not sent"
    assert agent.post("/compose", note(bellboy.account_id, body="", choice="card")).status_code == 303
    assert sent(core) == [("card", "Please call the front desk.")]


def test_a_channel_that_takes_nothing_first_says_why_and_nothing_is_lost(agent, core, bellboy):
    bellboy.says(notice=CLOSED, is_refused=True)
    answer = agent.post("/compose", note(bellboy.account_id, choice="card"))
    assert answer.status_code == 422
    assert answer.text.count(CLOSED) == 2, "above the text, and beside it"
    assert "Good morning.</textarea>" in answer.text
    assert core.session.scalars(select(Conversation)).all() == []


def test_a_way_of_another_account_does_not_stand_in_the_way(agent, core, create_account, bellboy):
    bellboy.says(choices=[CARD])
    mailbox = create_account("mailbox", address="help@example.com")
    form = {"to": "ada@example.com", "choice": "card"}
    refused = agent.post("/compose", note(mailbox, **form, body=""))
    assert refused.status_code == 422
    assert "Write a message first." in refused.text
    assert agent.post("/compose", note(mailbox, **form)).status_code == 303
    assert sent(core) == [("", "Good morning.")]


def test_a_way_that_is_gone_is_not_replaced_by_another(agent, core, bellboy):
    bellboy.says(choices=[LOUD, SOFT])
    answer = agent.post("/compose", note(bellboy.account_id, choice="card"))
    assert answer.status_code == 422
    assert "This way of answering is not there any more." in answer.text
    assert not any(is_chosen for _, is_chosen in ways(answer.text))
    assert core.session.scalars(select(Message)).all() == []
