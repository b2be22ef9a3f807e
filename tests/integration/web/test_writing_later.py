"""Promises of the pages about answers that leave later, reminders, forwarding and pictures in the text; without any script."""

import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.models import Activity, Agent, Attachment, Conversation, Draft, Message, Status
from app.queries.timeline import ActivityRow, timeline
from tests.integration.core.mails import create_mail

REPLY, SCHEDULED = "/conversations/1/reply", "/conversations/1/scheduled"
PNG = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def in_berlin(core, agent):
    """The agent lives by the clocks of Berlin."""
    core.session.get(Agent, agent.agent_id).timezone = "Europe/Berlin"
    core.session.commit()
    return agent


def ours(core) -> Message | None:
    core.session.rollback()
    statement = select(Message).where(Message.direction == "outbound").order_by(Message.id.desc()).limit(1)
    return core.session.scalars(statement).first()


def test_a_typed_moment_is_one_of_the_agents_own_clock(in_berlin, core, conversation):
    post = {"body": "On Monday.", "at_local": "2026-03-30T09:00", "at_chosen": "1", "cancels_on_reply": "on"}
    assert in_berlin.post(REPLY, post).status_code == 303

    message = ours(core)
    assert (message.scheduled_at, message.cancels_on_reply) == (datetime(2026, 3, 30, 7, tzinfo=UTC), True)
    page = in_berlin.get("/conversations/1").text
    assert "Will be sent Mon 30 Mar, 9:00, unless they write first." in page
    assert 'value="2026-03-30T09:00"' in page

    again = {"message": message.id, "action": "move", "at_local": "2026-03-28T09:00"}
    in_berlin.post(SCHEDULED, again)
    assert (ours(core).scheduled_at, ours(core).cancels_on_reply) == (datetime(2026, 3, 28, 8, tzinfo=UTC), False)
    in_berlin.post(SCHEDULED, {"message": message.id, "action": "cancel"})
    assert ours(core) is None
    assert core.session.scalar(select(Draft.text)) == "On Monday."
    told = in_berlin.get("/conversations/1").text
    assert "cancelled the message for Sat 28 Mar, 9:00" in told
    assert re.search(r"Show what was not sent</summary>.*?<p>On Monday.</p>", told, re.S)


def test_a_moment_from_the_menu_and_send_now(agent, core, clock, conversation):
    button = r'<button class="menu-item" name="at" value="([^"]+)" formaction="/conversations/1/reply">'
    choice = re.search(button, agent.get("/conversations/1").text)[1]
    agent.post(REPLY, {"body": "Later.", "at": choice})
    assert ours(core).scheduled_at == datetime.fromisoformat(choice) > clock.now()

    agent.post(SCHEDULED, {"message": ours(core).id, "action": "send_now"})

    assert ours(core).due_at == clock.now()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"at_local": "2026-03-01T09:00"}, "This moment has passed."),
        ({"at_local": "2027-12-01T09:00"}, "more than a year away"),
        ({"at_local": "soon"}, "no day and time"),
        ({"at_local": "", "at_chosen": "1"}, "Choose a day and a time first."),
    ],
)
def test_a_moment_that_cannot_be_is_told_beside_its_field_and_nothing_is_lost(
    agent, core, conversation, typed, sentence
):
    answer = agent.post(REPLY, {"body": "Not lost.", **typed})

    assert answer.status_code == 422
    menu = re.search(r'<details class="[^"]*later-menu" open>.*?</details>', answer.text, re.S)[0]
    assert sentence in menu
    assert 'aria-invalid="true"' in menu
    assert ">Not lost.</textarea>" in answer.text
    assert ours(core) is None


def test_a_reminder_is_set_with_the_answer(agent, core, conversation):
    choice = re.search(r'name="remind" value="([^"]+)"', agent.get("/conversations/1").text)[1]
    agent.post(REPLY, {"body": "Which size?", "remind": choice})

    core.session.rollback()
    row = core.session.scalars(select(Conversation)).one()
    assert (row.status, row.snoozed_until) == (Status.SNOOZED, datetime.fromisoformat(choice))


def test_what_is_scheduled_stands_last_whatever_comes_after_it_was_written(agent, core, conversation, receive_mail):
    agent.post(REPLY, {"body": "Scheduled words.", "at_local": "2026-04-01T09:00"})
    again = {"message_id": "second@mail.example.org", "In_Reply_To": "<first@mail.example.org>"}
    receive_mail(create_mail(sender="Cleo <cleo@mail.example.org>", body="Second words.", **again))

    page = agent.get("/conversations/1").text

    assert page.index("Second words.") < page.index("Scheduled words.")


def test_what_is_scheduled_stands_on_the_newest_page_however_much_came_since(agent, core, conversation, receive_mail):
    for day in (2, 1):
        agent.post(REPLY, {"body": f"Scheduled for April {day}.", "at_local": f"2026-04-0{day}T09:00"})
    for number in range(5):
        again = {"message_id": f"{number}@mail.example.org", "In_Reply_To": "<first@mail.example.org>"}
        receive_mail(create_mail(sender="Cleo <cleo@mail.example.org>", body=f"Words {number}.", **again))
    agent.post("/conversations/1/note", {"body": "A note."})

    pages, before = [], ""
    while before is not None:
        page = timeline(core.session, 1, before=before, size=2)
        pages.append([one.text.strip() for one in page.items if not isinstance(one, ActivityRow)])
        before = page.earlier

    assert pages[0] == ["Words 4.", "A note.", "Scheduled for April 1.", "Scheduled for April 2."]
    rest = [text for texts in reversed(pages[1:]) for text in texts]
    assert [text for text in rest if "Words" in text] == [f"Words {number}." for number in range(4)]
    assert not any("Scheduled" in text for text in rest)


def test_a_message_of_another_conversation_cannot_be_changed_from_here(agent, core, conversation, receive_mail):
    agent.post(REPLY, {"body": "Later.", "at_local": "2026-04-01T09:00"})
    receive_mail(create_mail(sender="dora@x.example", message_id="dora@x.example", subject="Else"))

    agent.post("/conversations/2/scheduled", {"message": ours(core).id, "action": "cancel"})

    assert ours(core) is not None


def test_pictures_in_the_text_are_shown_there_and_lost_ones_are_told(agent, core, conversation):
    text = "Here:\n\n![The plan](attached:image-1.png)"
    refused = agent.post(REPLY, {"body": text})
    assert refused.status_code == 422
    assert "The picture image-1.png is not there any more." in refused.text

    agent.post(REPLY, {"body": text, "files": (io.BytesIO(PNG), "image-1.png")}, content_type="multipart/form-data")

    file_id = core.session.scalar(select(Attachment.id).where(Attachment.is_inline))
    page = agent.get("/conversations/1").text
    assert f'<img src="/attachments/{file_id}?inline=1" alt="The plan"' in page
    assert 'class="attachments"' not in page


def test_a_message_is_forwarded_from_its_menu(agent, core, conversation):
    address = re.search(r'href="([^"]+/forward)"', agent.get("/conversations/1").text)[1]
    page = agent.get(address).text
    assert "Fwd: Where is my order?" in page
    account = re.search(r'<option selected value="(\d+)">|<option value="(\d+)">', page)
    post = {"account": next(filter(None, account.groups())), "form": "attached", "body": ""}

    assert agent.post(address, {**post, "to": "nobody"}).status_code == 422
    assert ours(core) is None
    answer = agent.post(address, {**post, "to": "Ben <ben@x.example>"})

    assert answer.headers["Location"].endswith("/conversations/2")
    assert ours(core).recipients["to"][0]["value"] == "ben@x.example"
    assert core.session.scalars(select(Activity.kind).order_by(Activity.id)).all().count("forwarded") == 1
    there = agent.get("/conversations/2").text
    assert "Where is my order.eml" in there
    assert 'forwarded a message of <a href="/conversations/1">#1</a>' in there
    assert 'to Ben: <a href="/conversations/2">#2</a>' in agent.get("/conversations/1").text


def test_a_refused_forward_keeps_what_was_typed(agent, conversation):
    address = re.search(r'href="([^"]+/forward)"', agent.get("/conversations/1").text)[1]

    answer = agent.post(address, {"to": "", "body": "Please look.", "form": "quoted", "account": "1"})

    assert answer.status_code == 422
    assert "Say whom this is for." in answer.text
    assert "Please look.</textarea>" in answer.text
