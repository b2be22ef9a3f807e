"""What posts and messages become, from fixtures in the form X documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from plugins.twitter.names import DM_STATE, IN_REPLY_TO, POST, QUOTED
from plugins.twitter.translate import said_by
from tidings import (
    Account,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    RawEvent,
    UnrecognisedPayload,
    UnsupportedEvent,
)
from tidings.testing import load_fixture

OWN, ADA = "2244994945", "3001969357"
SETTINGS = {"user_id": OWN, "username": "cornershop"}


def said(name: str, **changes: Any) -> list[Any]:
    payload = load_fixture(__file__, f"{name}.json")
    if changes:
        payload = json.dumps({**json.loads(payload), **changes}).encode()
    return list(said_by(Account(1, "twitter", "@cornershop", "@cornershop", SETTINGS), RawEvent(payload)))


def only(name: str) -> InboundMessage:
    (message,) = said(name)
    assert isinstance(message, InboundMessage)
    return message


def test_a_mention_with_a_quote_is_shown_with_what_it_quotes() -> None:
    message = only("post__mention_with_quote")
    assert message.sender.value == ADA
    assert message.sender.name == "Ada Ünlü (@ada)"
    assert message.text.startswith("@cornershop Ist die Lampe & der Schirm <neu>? https://lamps.example.com/a?b=1\n\n")
    assert message.reply_text == message.text, "what is quoted is part of what was said, and not folded away"
    assert message.text.endswith(
        "> Ben Example (@ben):\n> Never buy lamps in March.\n> https://x.com/ben/status/1924465506158878900"
    )
    assert message.fields[QUOTED].startswith("Ben Example (@ben): Never buy lamps")
    assert message.fields[POST] == "https://x.com/ada/status/1924465506158878979"
    assert message.fields[DM_STATE] == "open"
    assert message.thread_key == f"post:1924465506158878979:{ADA}"
    assert message.sent_at == datetime(2025, 5, 19, 14, 1, 46, tzinfo=UTC)
    assert not message.accepts_auto_reply, "nobody is answered automatically in public"


def test_a_reply_in_a_thread_of_others_has_its_context() -> None:
    """In the newer words of X: referenced_posts, note_post, includes.posts."""
    message = only("post__reply_in_newer_words")
    assert message.thread_key == f"post:1924465506158870000:{ADA}"
    assert message.in_reply_to == "post:1924465506158870000"
    assert message.fields[IN_REPLY_TO] == (
        "Ben Example (@ben): Who sells lamps? https://x.com/ben/status/1924465506158870000"
    )
    assert message.reply_text
    assert message.reply_text.startswith("They do")
    assert len(message.text) > 280, "long posts come whole"


def test_a_webhook_brings_a_long_post_whole() -> None:
    message = only("webhook__long_mention")
    assert message.text.startswith("@cornershop The Antikythera Mechanism: A Window into Ancient Ingenuity")
    assert message.text.endswith("Greek island of Antikythera.")
    assert message.thread_key == f"post:1924465506158878980:{ADA}"


def test_an_answer_of_a_webhook_that_could_not_be_completed_is_placed_by_what_it_answers() -> None:
    message = only("webhook__reply")
    assert message.thread_key is None
    assert message.in_reply_to == "own:1924465506158878990"
    assert message.reply_text == "Thank you!"


def test_what_the_account_wrote_elsewhere_is_an_echo() -> None:
    echo = only("webhook__own_reply")
    assert echo.is_echo
    assert echo.external_id == "own:1924465506158878995"
    assert (echo.sender.value, echo.to[0].value) == (OWN, ADA)


def test_direct_messages_go_by_both_people() -> None:
    message = only("webhook__direct_message")
    assert message.thread_key == f"dm:{OWN}-{ADA}"
    assert message.text == "Hello World! https://example.com/order"
    assert message.accepts_auto_reply
    assert not message.is_echo


def test_removals_edits_and_the_rest() -> None:
    (removal,) = said("webhook__deleted")
    assert removal == MessageRemoval("own:1045405559317569537", datetime(2015, 5, 21, 17, 9, 15, 593000, tzinfo=UTC))
    message, edit = said("post__edited")
    assert message.external_id == "post:1924465506158878985"
    assert isinstance(edit, MessageEdit)
    assert (edit.external_id, edit.text) == (message.external_id, "@cornershop Hello")
    for name in ("webhook__repost", "webhook__own_post"):
        with pytest.raises(UnsupportedEvent):
            said(name)


@pytest.mark.parametrize(
    "payload",
    [
        {"data": {}},
        {"data": []},
        {"data": {"id": {}}},
        {"tweet_create_events": []},
        {"tweet_create_events": [{"id_str": "x"}]},
        {"tweet_delete_events": [{}]},
        {"direct_message_events": [{"type": "message_create"}]},
        {"direct_message_mark_read_events": [{"sender_id": "1", "created_timestamp": "soon"}]},
        {"direct_message_mark_read_events": [{"sender_id": "1", "created_timestamp": "9" * 30}]},
        {"tweet_delete_events": [{"status": {"id": "1", "user_id": "2"}, "timestamp_ms": "9" * 400}]},
        {"gone": {}},
        {"follow_events": []},
    ],
)
def test_broken_bodies_are_not_recognised(payload: Any) -> None:
    account = Account(1, "twitter", "@cornershop", "@cornershop", SETTINGS)
    with pytest.raises(UnrecognisedPayload):
        said_by(account, RawEvent(json.dumps(payload).encode()))
