"""Promises of what a channel says about answers: the reply box shows it, and nothing else is queued, whatever is posted."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import InvalidInput
from app.models import Draft, Message
from app.plugin_api.messages import Participant
from app.services import automatic, replies
from app.services.conversations import save_draft
from app.services.core import Actor
from app.services.delivery import deliver
from app.services.replies import ReplyDraft
from app.services.reply_rules import ANYTHING, rules_of
from tests.integration.core.mails import create_mail
from tests.integration.web.bellboy import bellboy_plugin

LOUD = {"key": "loud", "label": "Shout it", "description": "Everybody on the floor hears it."}
SOFT = {"key": "soft", "label": "Whisper", "longest": 30}
CARD = {"key": "card", "label": "Leave a card", "takes_text": False, "text": "Please call the front desk."}
CLOSED = "Guests sleep until seven."


@pytest.fixture
def bellboy(core, create_account):
    with bellboy_plugin(core, create_account) as plugin:
        plugin.brings()
        yield plugin


def reply_box(agent) -> str:
    page = agent.get("/conversations/1").text
    return page[page.index('id="composer"') : page.index("</form>", page.index('id="composer"'))]


def sent(core) -> list[tuple[str, str]]:
    """(choice, text) of every answer that was queued."""
    return [
        tuple(row)
        for row in core.session.execute(select(Message.choice, Message.text).where(Message.direction == "outbound"))
    ]


def test_a_channel_that_says_nothing_takes_anything(agent, core, receive_mail):
    receive_mail(create_mail())
    box = reply_box(agent)
    assert "composer-notice" not in box
    assert 'name="choice"' not in box
    assert agent.post("/conversations/1/reply", {"body": "x" * 5000}).status_code == 303


def test_the_reply_box_says_what_may_be_answered_until_when(agent, core, clock, bellboy):
    until = clock.now() + timedelta(hours=5)
    bellboy.says(notice="They listen for <b>five</b> hours.", until=until.isoformat(), longest=20, choices=[LOUD, SOFT])
    box = reply_box(agent)
    assert "They listen for &lt;b&gt;five&lt;/b&gt; hours." in box
    assert 'datetime="2026-03-02T14:00:00Z"' in box
    assert 'data-longest="20"' in box
    assert "Everybody on the floor hears it." in box
    assert re.findall(r'name="choice" value="(\w+)" data-longest="(\d+)"( checked)?', box) == [
        ("loud", "20", " checked"),
        ("soft", "30", ""),
    ]
    assert bellboy.store.get("asked") == {
        "conversation_id": "1",
        "thread_key": "12",
        "contact": "Participant(kind='room', value='12', name='Ada')",
        "last_inbound_at": str(clock.now()),
        "last_inbound_id": "note-1",
        "fields": "{}",
        "now": str(clock.now()),
    }


def test_what_is_too_long_is_refused_with_both_numbers_and_nothing_is_lost(agent, core, bellboy):
    bellboy.says(longest=20, choices=[LOUD, SOFT])
    answer = agent.post("/conversations/1/reply", {"body": "Good morning,\r\nGrüße 東京🙂", "choice": "loud"})
    assert answer.status_code == 422
    assert "This message has 23 characters; at most 20 can be sent." in answer.text
    assert "Grüße 東京🙂</textarea>" in answer.text
    assert 'value="loud" data-longest="20" checked' in answer.text
    assert sent(core) == []
    assert agent.post("/conversations/1/reply", {"body": "Good morning,\r\nGrüße"}).status_code == 303
    assert agent.post("/conversations/1/reply", {"body": "x" * 30, "choice": "soft"}).status_code == 303
    assert sent(core) == [("loud", "Good morning,\nGrüße"), ("soft", "x" * 30)]


def test_the_way_that_was_chosen_is_kept_shown_and_handed_over(agent, core, clock, bellboy):
    bellboy.says(choices=[LOUD, SOFT])
    agent.post("/conversations/1/reply", {"body": "Psst.", "choice": "soft"})
    clock.advance(minutes=1)
    message_id = core.session.scalar(select(Message.id).where(Message.direction == "outbound"))
    assert deliver(core, message_id) == "sent"
    assert bellboy.store.get("sent") == [["soft", "Psst."]]
    core.plugins.deactivate("bellboy")
    assert '<span class="badge truncate">Whisper</span>' in agent.get("/conversations/1").text


def test_a_way_that_is_not_offered_is_refused(agent, core, bellboy):
    bellboy.says(choices=[LOUD])
    answer = agent.post("/conversations/1/reply", {"body": "Psst.", "choice": "soft"})
    assert answer.status_code == 422
    assert "This way of answering is not there any more." in answer.text
    assert sent(core) == []


def test_what_the_channel_takes_no_answer_for_cannot_be_queued(agent, core, create_agent, bellboy):
    bellboy.says(notice=CLOSED, is_refused=True, choices=[LOUD])
    box = reply_box(agent)
    assert CLOSED in box
    assert "is-closed" in box
    assert 'value="loud"' not in box, "it takes a text, and no text can be sent"
    for choice in ("", "loud"):
        answer = agent.post("/conversations/1/reply", {"body": "Hello?", "choice": choice})
        assert answer.status_code == 422
        assert CLOSED in answer.text
    with pytest.raises(InvalidInput, match=CLOSED):
        replies.start_conversation(
            core,
            create_agent("Ben"),
            account_id=bellboy.account_id,
            to=Participant("room", "14"),
            subject="",
            draft=ReplyDraft("Hello?"),
        )
    assert automatic.send_automatic(core, 1, "We are closed.") is None
    assert agent.post("/conversations/1/note", {"body": "They sleep.", "mode": "note"}).status_code == 303
    assert sent(core) == []


def test_a_prepared_text_is_sent_as_it_is_and_leaves_the_draft(agent, core, bellboy):
    ada = Actor(agent.agent_id, "Ada", "agent")
    bellboy.says(notice=CLOSED, is_refused=True, choices=[LOUD, CARD])
    save_draft(core, ada, 1, "Are you awake?")
    assert "Please call the front desk." in reply_box(agent)

    refused = agent.post("/conversations/1/reply", {"body": "Are you awake?"})
    assert refused.status_code == 422, "what was written would not be sent"
    answer = agent.post("/conversations/1/reply", {"body": "Are you awake?", "choice": "card"})
    assert answer.status_code == 303
    assert sent(core) == [("card", "Please call the front desk.")]
    drafts = lambda: list(core.session.scalars(select(Draft.text)))  # noqa: E731 - asked twice
    assert drafts() == ["Are you awake?"]
    replies.undo(core, ada, core.session.scalar(select(Message.id).where(Message.direction == "outbound")))
    assert drafts() == ["Are you awake?"]
    with_file = ReplyDraft("", choice="card", files=[replies.NewFile("a.txt", "text/plain", b"a")])
    with pytest.raises(InvalidInput, match="Files"):
        replies.reply(core, ada, 1, with_file)


def test_an_automatic_answer_goes_the_first_way(core, bellboy):
    bellboy.says(choices=[SOFT, LOUD])
    assert automatic.send_automatic(core, 1, "We are closed.") is not None
    assert sent(core) == [("soft", "We are closed.")]


def test_a_channel_that_says_nonsense_or_fails_is_counted_and_harms_no_answer(agent, core, bellboy):
    nonsense = [
        {"longest": "many"},
        {"longest": -1},
        {"choices": [{**LOUD, "key": ""}]},
        {"choices": [LOUD, LOUD]},
        {"choices": [{**CARD, "text": " "}]},
        {"until": "2026-03-02T10:00:00"},
        {"notice": None},
        {"sounds": "bell"},
    ]
    for rules in nonsense:
        bellboy.says(**rules)
        assert rules_of(core, bellboy.account_id, Participant("room", "12"), 1) == ANYTHING, rules
    bellboy.store.set("fails", True)
    assert "composer-notice" not in reply_box(agent)
    assert agent.post("/conversations/1/reply", {"body": "Good morning."}).status_code == 303
    assert sent(core) == [("", "Good morning.")]
    (record,) = [one for one in core.plugins.health_of("bellboy") if one.hook == "reply rules"]
    assert record.failures == len(nonsense) + 2
