"""Webhooks are taken apart into single events that can be told from one another, however Meta packs and repeats them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.meta_graph import UnreadableWebhook, parse
from connectors.meta_graph.webhook_parts import split


def messaging(mid: str, at: int = 1_772_446_800_000, **more: Any) -> dict[str, Any]:
    return {
        "sender": {"id": "9"},
        "recipient": {"id": "1"},
        "timestamp": at,
        "message": {"mid": mid, "text": "Hi"},
        **more,
    }


def packed(*items: dict[str, Any], page: str = "1") -> bytes:
    return json.dumps({"object": "page", "entry": [{"id": page, "time": 1, "messaging": list(items)}]}).encode()


COMMENT = {
    "field": "feed",
    "value": {
        "item": "comment",
        "verb": "add",
        "comment_id": "5_6",
        "post_id": "1_5",
        "message": "Grüße",
        "created_time": 5,
    },
}


def test_each_event_gets_a_body_of_its_own_that_says_the_same() -> None:
    entries = [
        {"id": "1", "time": 2, "messaging": [messaging("m_1"), messaging("m_2")], "changes": [COMMENT]},
        {"id": "2", "time": 2, "standby": [messaging("m_3")]},
    ]
    body = json.dumps({"object": "page", "entry": entries}).encode()
    parts = split(body)

    assert [part.event for part in parts] == list(parse(body))
    assert [parse(part.body) for part in parts] == [(part.event,) for part in parts]
    assert [part.key for part in parts] == ["m:m_1", "m:m_2", "comment:5_6", "m:m_3"]


def test_a_change_of_whatsapp_is_split_into_its_messages_and_states() -> None:
    ours = {"metadata": {"phone_number_id": "7"}, "contacts": [{"wa_id": "491", "profile": {"name": "Ada"}}]}
    told = {"messages": [{"id": "w1", "from": "491", "type": "text", "text": {"body": "Hi"}, "timestamp": "5"}]}
    states = {
        "statuses": [{"id": "w0", "status": "read", "timestamp": "5"}, {"id": "w0", "status": "sent", "timestamp": "4"}]
    }
    change = {"field": "messages", "value": {**ours, **told, **states}}
    parts = split(
        json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "3", "changes": [change]}]}).encode()
    )

    assert [type(part.event).__name__ for part in parts] == ["WhatsAppMessage", "WhatsAppStatus", "WhatsAppStatus"]
    assert parts[0].key == "m:w1"
    assert len({part.key for part in parts}) == 3


def test_keys_stay_the_same_when_meta_packs_the_events_otherwise() -> None:
    read = {"sender": {"id": "9"}, "recipient": {"id": "1"}, "timestamp": 5, "read": {"watermark": 4}}
    together = {part.key for part in split(packed(messaging("m_1"), read))}
    apart = {part.key for body in (packed(read), packed(messaging("m_1"))) for part in split(body)}

    assert together == apart
    assert len(together) == 2


def test_what_nobody_has_a_class_for_is_kept_too() -> None:
    (part,) = split(
        b'{"object": "page", "entry": [{"id": "1", "changes": [{"field": "mention", "value": {"verb": "add"}}]}]}'
    )

    assert part.key.startswith("unknown:")


def test_half_characters_and_nul_become_harmless() -> None:
    (part,) = split(packed(messaging("m_1", message={"mid": "m_1", "text": "\ud83d a\0b"})))

    assert part.event.text == "\ufffd ab"  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 50_000, b'{"object": "page"}'])
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        split(body)
