"""Promises of re-threading by hand: every verb is one click or a search away, says what it did, and can be put back."""

import re

import pytest
from sqlalchemy import select

from app.models import Conversation, Message
from tests.integration.core.mails import create_mail


@pytest.fixture
def exchange(receive_mail):
    """Conversation 1 with three messages of Cleo's, 2 another one of hers, 3 of Ben's. Gives the ids of the messages of the first."""

    def take(own_id, answers=None, sender="Cleo Customer <cleo@mail.example.org>", **options):
        headers = {"In_Reply_To": f"<{answers}@x.org>"} if answers else {}
        mail = create_mail(message_id=f"{own_id}@x.org", sender=sender, body=f"Words of {own_id}", **headers, **options)
        return receive_mail(mail).message_id

    ids = [take("a"), take("b", "a"), take("c", "b")]
    take("y", subject="Where is my lamp?")
    take("z", sender="Ben <ben@q.example.net>", subject="Opening hours")
    return ids


def texts(core, number):
    core.session.rollback()
    statement = select(Message.text).join(Conversation, Conversation.id == Message.conversation_id)
    found = core.session.scalars(statement.where(Conversation.number == number).order_by(Message.id))
    return [text.strip().removeprefix("Words of ") for text in found]


def test_splitting_off_leads_to_the_new_conversation(agent, core, exchange):
    page = agent.get("/conversations/1").text
    assert [int(i) for i in re.findall(r'form="split" name="message" value="(\d+)"', page)] == exchange[1:]

    answer = agent.post("/conversations/1/split", {"message": str(exchange[1])})

    assert answer.location.endswith("/conversations/4")
    assert (texts(core, 1), texts(core, 4)) == (["a"], ["b", "c"])
    new = agent.get("/conversations/4").text
    assert "This is a conversation of its own now." in new
    assert "Ada split this off from #1" in new
    assert "Ada split off 2 messages as #4" in agent.get("/conversations/1").text


@pytest.mark.parametrize("number", [1, 4])
def test_the_last_step_is_put_back_from_both_sides(agent, core, exchange, number):
    agent.post("/conversations/1/split", {"message": str(exchange[1])})
    page = agent.get(f"/conversations/{number}").text
    assert f'formaction="/conversations/{number}/put-back"' in page

    answer = agent.post(f"/conversations/{number}/put-back")

    assert answer.location.endswith("/conversations/1")
    assert texts(core, 1) == ["a", "b", "c"]
    page = agent.get("/conversations/1").text
    assert "Ada put back what was done with #4" in page
    assert "formaction" not in page.split('id="timeline"')[1].split("</section>")[0]


def test_a_message_is_moved_alone_or_with_what_follows(agent, core, exchange):
    page = agent.get(f"/conversations/1/messages/{exchange[1]}/move").text
    assert "Words of b" in page
    assert "Where is my lamp?" in page
    assert "Opening hours" not in page

    alone = agent.post(f"/conversations/1/messages/{exchange[1]}/move", {"into": "2", "scope": "one"})
    assert alone.location.endswith("/conversations/2")
    assert (texts(core, 1), texts(core, 2)) == (["a", "c"], ["b", "y"])
    agent.post("/conversations/2/put-back")
    agent.post(f"/conversations/1/messages/{exchange[1]}/move", {"into": "#2", "scope": "following"})
    assert (texts(core, 1), texts(core, 2)) == (["a"], ["b", "c", "y"])


def test_a_conversation_is_found_by_number_and_by_words(agent, exchange):
    def found(query):
        return re.findall(
            r'name="into" value="(\d+)"', agent.get("/conversations/1/merge", query_string={"q": query}).text
        )

    assert found("") == ["2"]
    assert found("opening") == found("3") == found("#3") == ["3"]
    assert found("1") == found("#77") == []
    assert "Nothing found" in agent.get("/conversations/1/merge?q=zeppelin").text
    assert "After is: comes" in agent.get("/conversations/1/merge?q=is:gone").text


def test_the_address_of_a_merged_conversation_leads_on(agent, core, exchange):
    answer = agent.post("/conversations/2/merge", {"into": "1"})

    assert answer.location.endswith("/conversations/1")
    page = agent.get("/conversations/1").text
    assert "Ada merged #2 into this" in page
    assert agent.get("/conversations/2").location.endswith("/conversations/1")
    agent.post("/conversations/2/note", {"body": "Late"})
    assert "Late" in agent.get("/conversations/1").text
    assert "#2" not in agent.get("/").text
    assert agent.get("/search?q=%232").location.endswith("/conversations/2")


def test_refusals_are_said(agent, exchange):
    agent.post("/conversations/1/split", {"message": str(exchange[0])})
    assert "At least one message has to stay." in agent.get("/conversations/1").text
    agent.post("/conversations/1/merge", {"into": "1"})
    assert "Choose another conversation." in agent.get("/conversations/1/merge").text
    agent.post("/conversations/1/merge", {"into": "nonsense"})
    assert "Choose a conversation." in agent.get("/conversations/1/merge").text
    agent.post("/conversations/1/put-back")
    assert "There is nothing to put back." in agent.get("/conversations/1").text
    assert agent.get(f"/conversations/2/messages/{exchange[0]}/move").status_code == 404
    assert agent.post("/conversations/1/split", {"message": "1"}, csrf=False).status_code == 400


def test_why_a_message_is_here_leads_to_the_one_it_answers(agent, core, exchange):
    page = agent.get("/conversations/1").text
    assert f'href="/conversations/1/messages/{exchange[1]}"' in page

    shown = agent.get(f"/conversations/1/messages/{exchange[1]}")
    assert shown.location.endswith(f"/conversations/1#message-{exchange[1]}")
    agent.post("/conversations/1/split", {"message": str(exchange[1])})
    moved = agent.get(f"/conversations/1/messages/{exchange[1]}")
    assert moved.location.endswith(f"/conversations/4#message-{exchange[1]}")
    assert agent.get("/conversations/1/messages/999").status_code == 404


def test_a_message_far_back_is_shown_on_its_page(agent, receive_mail):
    first = receive_mail(create_mail(message_id="0@x.org", body="The very first")).message_id
    for number in range(1, 70):
        receive_mail(
            create_mail(message_id=f"{number}@x.org", body=f"More {number}", In_Reply_To=f"<{number - 1}@x.org>")
        )

    address = agent.get(f"/conversations/1/messages/{first}").location

    assert "before=" in address
    assert "The very first" in agent.get(address.partition("#")[0]).text


def test_a_new_subject_is_pointed_out_once(agent, receive_mail):
    """Somebody writes about something else with "Reply" to what they find."""
    for number, subject in enumerate(["Order 17", "Re: Order 17", "An umbrella", "AW: An umbrella", "Re: order 17"]):
        headers = {"References": "<0@x.org>"} if number else {}
        receive_mail(create_mail(message_id=f"{number}@x.org", subject=subject, body=str(number), **headers))

    page = agent.get("/conversations/1").text

    assert re.findall(r"New subject: <strong[^>]*>([^<]*)", page) == ["An umbrella"]
