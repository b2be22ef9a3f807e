"""A day without Google loses nothing and brings nothing twice, on either way; labels that were changed meanwhile are changed later."""

import pytest

from app.plugin_api.testing.providers import FakeGmail
from tests.integration.gmail.desk import Desk, mail


def texts(desk: Desk) -> list[str]:
    return sorted(one.text.strip() for one in desk.messages())


@pytest.mark.parametrize("fault", ["server_trouble", "cut_connection", "user_rate_limited"])
def test_a_day_without_google_loses_nothing_and_sends_nothing_twice(desk: Desk, gmail: FakeGmail, clock, fault):
    desk.settle(maps_labels=True, archives_resolved=True)
    question = gmail.deliver(mail(0, body="Before"))
    desk.fetch()
    (conversation,) = desk.conversations()
    with gmail.fault(fault):
        desk.answer(conversation, "We are looking into it.")
        for hour in range(24):
            gmail.deliver(mail(hour + 1, body=f"Hour {hour}"))
            desk.push()
            desk.fetch()
            desk.deliver()
            desk.run_jobs()
            clock.advance(hours=1)
        desk.resolve(conversation)
        desk.run_jobs()
    if fault == "cut_connection":
        gmail.forget_history()

    for _ in range(3):
        clock.advance(hours=1)
        desk.fetch()
        desk.deliver()
        desk.run_jobs()

    assert texts(desk) == sorted(["Before", "We are looking into it.", *(f"Hour {hour}" for hour in range(24))])
    assert len(gmail.sent) == 1
    assert gmail.sent[0].thread_id == question.thread_id
    assert "INBOX" not in gmail.messages[question.id].labels
    assert desk.undelivered() == []


def test_a_message_that_left_unnoticed_is_not_sent_again(desk: Desk, gmail: FakeGmail, clock):
    """Gmail took it, its answer was lost on the way, and the history brings it before anybody asks."""
    gmail.deliver(mail(0))
    desk.fetch()
    desk.answer(desk.conversations()[0], "It is on its way.")
    taken, take = [], gmail._take

    def take_and_break(*arguments: object) -> object:
        taken.append(take(*arguments))
        return gmail.FAULTS["server_trouble"] if len(taken) == 1 else taken[-1]

    gmail._take = take_and_break  # type: ignore[method-assign]
    desk.deliver()
    desk.fetch()
    clock.advance(hours=1)
    desk.deliver()
    clock.advance(hours=1)
    desk.fetch()

    assert len(taken) == 1
    assert [one.direction for one in desk.messages()] == ["inbound", "outbound"]
    assert [one.delivery_state for one in desk.messages()][1] == "sent"


def test_an_answer_to_what_we_sent_finds_its_conversation(desk: Desk, gmail: FakeGmail):
    gmail.deliver(mail(0))
    desk.fetch()
    desk.answer(desk.conversations()[0], "It is on its way.")
    desk.deliver()
    desk.fetch()
    sent = desk.messages()[-1]
    assert sent.external_id.endswith("@mail.gmail.test")

    gmail.deliver(mail(1, answers=sent.external_id))
    desk.fetch()

    assert len(desk.conversations()) == 1
    assert len(desk.messages()) == 3
