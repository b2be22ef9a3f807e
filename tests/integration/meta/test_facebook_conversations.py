"""Facebook in conversations: states of answers, comments answered in two ways and hidden, control of a thread that moves between apps."""

import pytest

from app.errors import AppError
from app.services.core import Actor
from app.services.delivery import deliver, due_messages
from app.services.replies import ReplyDraft, reply
from tests.integration.meta.business import Business

ROOT = Actor(1, "Root", "admin")


@pytest.fixture
def ada(business: Business):
    return business.graph.add_person(next(iter(business.graph.state.pages.values())), "Ada Reader")


def arrive(business: Business) -> None:
    business.deliver()
    business.work()


def answer(business: Business, clock, text: str, **draft: str) -> None:
    reply(business.core, ROOT, business.messages()[-1].conversation_id, ReplyDraft(text, **draft))
    clock.advance(minutes=1)
    for message_id in due_messages(business.core):
        deliver(business.core, message_id)


def page_of(business: Business) -> str:
    return business.admin.get("/conversations/1").text


def test_an_answer_is_shown_once_and_as_read(business: Business, ada, clock):
    business.graph.write(ada, "Do you repair lamps?")
    arrive(business)
    answer(business, clock, "We do.")
    clock.advance(seconds=5)
    business.graph.read(ada)
    arrive(business)  # the echo of our own answer, and that it was read
    clock.advance(minutes=10)
    business.fetch()

    assert [(one.text, one.delivery_state) for one in business.messages()] == [
        ("Do you repair lamps?", None),
        ("We do.", "read"),
    ]


def test_what_is_written_elsewhere_and_taken_back_is_told(business: Business, ada):
    message = business.graph.write(ada, "Something rash")
    business.graph.answer_elsewhere(ada, "Pardon?")
    business.graph.react(ada, message)
    business.graph.unsend(message)
    arrive(business)

    first, second = business.messages()
    assert first.text == ""
    assert (second.text, second.direction, second.delivery_state) == ("Pardon?", "outbound", "sent")
    assert "Something rash" not in page_of(business)


def test_a_comment_is_answered_in_private_and_hidden(business: Business, ada, clock):
    page = next(iter(business.graph.state.pages.values()))
    comment = business.graph.comment(ada, business.graph.add_post(page.id, "Spring lamps"), "How much?")
    arrive(business)
    shown = page_of(business)
    for text in ("Spring lamps", "Reply in public", "Private message", f"/plugins/facebook/hide/1/{comment.id}"):
        assert text in shown
    answer(business, clock, "Forty.", choice="private")
    business.admin.post(f"/plugins/facebook/hide/1/{comment.id}")

    assert comment.private_reply
    assert comment.is_hidden
    assert f"/plugins/facebook/show/1/{comment.id}" in page_of(business)


def test_a_conversation_of_another_app_is_taken_over(business: Business, ada):
    business.graph.write(ada, "Hello bot")
    business.graph.hand_over(ada, "263902037430900", "take", "")
    business.graph.write(ada, "A person, please")
    arrive(business)
    shown = page_of(business)
    assert "Another app of the page took over this conversation." in shown
    assert "Take it over before you write." in shown
    business.admin.post(f"/plugins/facebook/take-over/1/{ada.id}")
    arrive(business)

    assert ada.thread_owner == business.graph.app_id
    assert "Tidings took over this conversation." in page_of(business)
    assert [one.text for one in business.messages()] == ["Hello bot", "A person, please"]


def test_what_is_too_late_is_refused_before_it_is_sent(business: Business, ada, clock):
    business.graph.write(ada, "Hello")
    arrive(business)
    clock.advance(hours=25)

    assert "takes no answer until they write again" in page_of(business)
    with pytest.raises(AppError):
        answer(business, clock, "Too late")
    assert business.graph.state.sent == []
