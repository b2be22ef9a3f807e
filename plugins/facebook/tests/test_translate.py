"""What captured webhooks say to the inbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from plugins.facebook.channel import FacebookChannel
from plugins.facebook.names import COMMENT_ON, HELD_BY, POST_LINK, PRESSED
from plugins.facebook.tests import pages
from tidings import (
    Account,
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    RawEvent,
    Reaction,
    UnrecognisedPayload,
    UnsupportedEvent,
)

FIRST, ECHO = "m_Kx5cIHk7g5Xr0lVbq1", "m_Kx5cIHk7g5Xr0lVbq8"
COMMENT = "122100000000001_500000000000001"


@pytest.fixture
def said(channel: FacebookChannel, account: Account):  # type: ignore[no-untyped-def]
    """What one captured webhook says, just as it came."""

    def say(name: str) -> Any:
        (one,) = channel.translate(account, pages.captured(name))
        return one

    return say


def test_a_text_is_a_message_of_the_persons_exchange(said: Any) -> None:
    message = said("message__text")

    assert message.text == "Grüße aus 東京 🙂 Do you repair lamps?"
    assert (message.sender.kind, message.sender.value) == ("facebook", pages.PERSON_ID)
    assert (message.external_id, message.thread_key) == (FIRST, f"person:{pages.PERSON_ID}")
    assert message.sent_at == datetime(2026, 3, 2, 10, 20, 0, 123000, UTC)
    assert not message.is_echo


def test_a_place_becomes_text_and_missing_files_are_said(said: Any) -> None:
    message = said("message__with_files")

    assert message.text == "It looks like this.\nAda's Location: 52.520008, 13.404954"
    assert message.defects == ("Its files could not be fetched.",)


def test_what_was_pressed_stands_beside_the_message(said: Any) -> None:
    quick, menu = said("message__quick_reply"), said("postback__menu")

    assert (quick.text, quick.fields[PRESSED], quick.in_reply_to) == ("Opening hours", "HOURS", FIRST)
    assert (menu.text, menu.fields[PRESSED]) == ("Talk to a person", "HUMAN")


def test_an_ad_is_named(said: Any) -> None:
    assert said("message__from_an_ad").fields == {"Came through": "Spring lamps", "Reference": "spring"}


def test_a_message_that_another_app_holds_says_so(said: Any) -> None:
    assert said("message__in_standby").fields == {HELD_BY: "another app of the page"}


def test_a_kind_that_meta_withholds_is_a_message_all_the_same(said: Any) -> None:
    assert "does not pass on" in said("message__unsupported").defects[0]


def test_an_answer_written_elsewhere_is_an_echo_to_the_person(said: Any) -> None:
    message = said("echo__written_elsewhere")

    assert message.is_echo
    assert (message.sender.value, message.sender.name) == (pages.PAGE_ID, "Corner Shop")
    assert [one.value for one in message.to] == [pages.PERSON_ID]
    assert message.thread_key == f"person:{pages.PERSON_ID}"


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("edit__by_the_author", MessageEdit, {"external_id": FIRST, "text": "Do you repair old lamps?"}),
        ("message__unsent", MessageRemoval, {"external_id": FIRST}),
        ("reaction__love", Reaction, {"external_id": ECHO, "emoji": "❤", "is_removed": False}),
        ("reaction__taken_away", Reaction, {"external_id": ECHO, "is_removed": True}),
        ("read__all", DeliveryUpdate, {"word": DeliveryWord.READ, "thread_key": f"person:{pages.PERSON_ID}"}),
        ("delivery__all", DeliveryUpdate, {"word": DeliveryWord.DELIVERED, "thread_key": f"person:{pages.PERSON_ID}"}),
        ("comment__edited", MessageEdit, {"external_id": COMMENT, "text": "Schöne Lampe! How much is it?"}),
        ("comment__removed", MessageRemoval, {"external_id": COMMENT}),
        (
            "comment__hidden",
            ConversationUpdate,
            {"external_id": COMMENT, "activity": "A comment was hidden at Facebook."},
        ),
        ("handover__passed_to_us", ConversationUpdate, {"activity": "Facebook passed this conversation to Tidings."}),
        (
            "handover__taken_by_another",
            ConversationUpdate,
            {"activity": "Another app of the page took over this conversation."},
        ),
        (
            "handover__asked_for",
            ConversationUpdate,
            {"activity": "Another app of the page asked for this conversation."},
        ),
        (
            "referral__by_link",
            ConversationUpdate,
            {"activity": "Opened the conversation again: came through SHORTLINK; reference window-sticker."},
        ),
    ],
)
def test_what_is_said_of_messages_that_are_there(said: Any, name: str, kind: type, told: dict[str, object]) -> None:
    update = said(name)

    assert type(update) is kind
    assert {key: getattr(update, key) for key in told} == told


def test_being_read_counts_up_to_the_watermark(said: Any) -> None:
    assert said("read__all").at == datetime(2026, 3, 2, 10, 21, 39, tzinfo=UTC)


def test_a_comment_opens_an_exchange_with_its_post_beside_it(channel: FacebookChannel, account: Account) -> None:
    event = pages.captured("comment__added")
    completed = RawEvent(
        event.payload, meta={"completed": True, "post_text": "New  lamps!", "post_url": "https://facebook.com/p"}
    )
    (message,) = channel.translate(account, completed)

    assert isinstance(message, InboundMessage)
    assert (message.text, message.sender.name) == ("Schöne Lampe! Is it for sale?", "Ada Ünlü")
    assert message.fields == {COMMENT_ON: "New lamps!", POST_LINK: "https://facebook.com/p"}
    assert message.thread_key == f"comment:{COMMENT}"


def test_an_answer_of_the_page_belongs_to_the_comment_above(said: Any) -> None:
    answer = said("comment__answer_by_the_page")

    assert answer.is_echo
    assert (answer.thread_key, answer.in_reply_to) == (f"comment:{COMMENT}", COMMENT)


def test_a_comment_of_nobody_we_may_know_has_a_stand_in(channel: FacebookChannel, account: Account) -> None:
    content = pages.webhook_of("comment__added")
    del content["entry"][0]["changes"][0]["value"]["from"]
    (message,) = channel.translate(account, RawEvent(json.dumps(content).encode()))

    assert (message.sender.value, message.sender.name) == (f"comment-{COMMENT}", "Somebody on Facebook")


def test_a_copy_with_another_text_is_known_again(channel: FacebookChannel, account: Account) -> None:
    """The history gives an edited message as it reads now."""
    content = pages.webhook_of("message__text")
    content["entry"][0]["messaging"][0]["message"]["text"] = "Do you repair old lamps?"
    (first,) = channel.translate(account, pages.captured("message__text"))
    (copy,) = channel.translate(account, RawEvent(json.dumps(content).encode()))

    assert first.content_key == copy.content_key


@pytest.mark.parametrize("name", ["optin__not_for_us", "comment__by_the_page"])
def test_what_is_not_for_the_inbox_is_left_alone(channel: FacebookChannel, account: Account, name: str) -> None:
    with pytest.raises(UnsupportedEvent):
        channel.translate(account, pages.captured(name))


@pytest.mark.parametrize(
    "body",
    [
        b'{"object": "page", "entry": []}',
        b'{"object": "page", "entry": [{"id": "1", "messaging": [{"message": {"mid": "m_1", "text": "no time"}}]}]}',
        b'{"object": "page", "entry": [{"id": "1", "messaging": [{"sender": {"id": "2"}}]}]}',
    ],
)
def test_what_cannot_be_read_waits_for_a_person(channel: FacebookChannel, account: Account, body: bytes) -> None:
    with pytest.raises(UnrecognisedPayload):
        channel.translate(account, RawEvent(body))
