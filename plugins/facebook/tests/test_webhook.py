"""Which requests are taken, and what of them is kept for whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.meta_graph.webhooks import sign
from plugins.facebook.channel import FacebookChannel
from plugins.facebook.graph import verify_token
from plugins.facebook.readers import meta_reader
from plugins.facebook.tests import pages
from tidings import Account, BadSignature, UnrecognisedPayload, WebhookRequest
from tidings.testing import FakeHost


def request(
    host: FakeHost, body: bytes = b"", *, method: str = "POST", secret: str = "f" * 32, **query: str
) -> WebhookRequest:
    headers = {"X-Hub-Signature-256": sign(body, secret)}
    return WebhookRequest(method, host.shared_webhook_url(), headers, query, body, host.now())


def batch(*names: str) -> bytes:
    entries = [pages.webhook_of(name)["entry"][0] for name in names]
    return json.dumps({"object": "page", "entry": entries}).encode()


def test_metas_question_needs_the_right_token(channel: FacebookChannel, host: FakeHost) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158", "hub.verify_token": verify_token(host)}
    question = request(host, method="GET", **asked)
    channel.verify_shared_webhook(question)

    assert channel.receive_shared_webhook(question).body == "1158"
    assert verify_token(host) == asked["hub.verify_token"]
    with pytest.raises(BadSignature):
        channel.verify_shared_webhook(request(host, method="GET", **{**asked, "hub.verify_token": "guessed"}))


def test_one_request_may_hold_events_of_several_pages(
    channel: FacebookChannel, host: FakeHost, account: Account, graph: Any
) -> None:
    other = pages.webhook_of("message__text")["entry"][0] | {"id": "55"}
    content = json.loads(batch("message__text", "comment__added", "read__all"))
    content["entry"].append(other)
    host.put_account(Account(2, "facebook", "Other", "55", {"page_id": "55"}))
    events = channel.receive_shared_webhook(request(host, json.dumps(content).encode())).events

    assert [one.account_id for one in events] == [1, 1, 1, 2]
    assert len({one.event.source_key for one in events[:3]}) == 3


@pytest.mark.parametrize(
    ("name", "settings", "kept"),
    [
        ("echo__our_own", {}, 0),
        ("echo__written_elsewhere", {}, 1),
        ("comment__added", {"comments": False}, 0),
        ("comment__added", {"comments": True}, 1),
        ("message__text", {"page_id": "another"}, 0),
    ],
)
def test_only_what_is_for_us_is_kept(
    channel: Any, host: FakeHost, account: Account, name: str, settings: dict, kept: int
) -> None:
    host.put_account(Account(1, "facebook", "Shop", "", {**account.settings, **settings}))

    assert len(channel.receive_shared_webhook(request(host, batch(name))).events) == kept


def test_commands_read_what_meta_sends(host: FakeHost) -> None:
    reader = meta_reader()
    names = (
        "message__text",
        "message__with_files",
        "echo__our_own",
        "edit__by_the_author",
        "message__unsent",
        "reaction__love",
    )
    read = reader.read(
        request(host, batch(*names, "read__all", "comment__added", "optin__not_for_us", "handover__asked_for"))
    )

    assert [one.kind for one in read] == [
        "message", "message", "message", "edit", "delete", "reaction", "read", "message", "other", "other",
    ]  # fmt: skip
    assert (read[0].sender_id, read[0].conversation_key, read[0].text) == (
        pages.PERSON_ID,
        pages.PERSON_ID,
        "Grüße aus 東京 🙂 Do you repair lamps?",
    )
    assert (read[1].attachments, read[2].is_echo, read[5].text, read[7].sender_name) == (3, True, "❤", "Ada Ünlü")
    with pytest.raises(UnrecognisedPayload):
        reader.read(request(host, b"[]"))


def test_commands_read_whatsapp_too(host: FakeHost) -> None:
    ours = {"metadata": {"phone_number_id": "7", "display_phone_number": "15550100"}}
    told = {
        "contacts": [{"wa_id": "4915112345678", "profile": {"name": "Ada"}}],
        "messages": [
            {"id": "w1", "from": "4915112345678", "type": "text", "text": {"body": "Hi"}, "timestamp": "1772446800"},
            {"id": "w2", "from": "4915112345678", "type": "reaction", "reaction": {"message_id": "w0", "emoji": "👍"}},
        ],
        "statuses": [{"id": "w0", "status": "read", "timestamp": "1772446800", "recipient_id": "4915112345678"}],
    }
    entry = {"id": "3", "changes": [{"field": "messages", "value": {**ours, **told}}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    text, reaction, state = meta_reader().read(request(host, body))

    assert (text.kind, text.external_id, text.text, text.sender_name) == ("message", "w1", "Hi", "Ada")
    assert (reaction.kind, reaction.external_id, reaction.text) == ("reaction", "w0", "👍")
    assert (state.kind, state.external_id) == ("read", "w0")


def test_the_reader_verifies_with_the_secret_alone(host: FakeHost) -> None:
    verify = meta_reader().verify
    verify("f" * 32, request(host, b"{}"))
    with pytest.raises(BadSignature):
        verify("another", request(host, b"{}"))
