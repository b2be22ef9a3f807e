"""The webhooks of the Account Activity API: challenge, signatures, events, and managing them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.x_api import (
    AppClient,
    Refusal,
    UnreadableWebhook,
    XClient,
    XRejected,
    crc_answer,
    is_signed,
    pair_id,
    parse,
    read_direct_message,
    read_legacy_message,
    read_legacy_post,
    read_post,
    sign,
)


def test_the_challenge_is_answered_as_documented() -> None:
    """Computed with `openssl dgst -sha256 -hmac consumer-secret -binary | base64`."""
    assert (
        crc_answer("challenge-token-0123", "consumer-secret") == "sha256=lumuGGPiCh5g6zuWaGMnqWdioh1JvzOuH/oktPvK3qo="
    )


def test_either_header_may_sign_with_either_secret(fake_x: Any) -> None:
    body = '{"text": "Grüße 🎉"}'.encode()
    both, secrets = {key.lower(): value for key, value in fake_x.sign(body).items()}, (fake_x.client_secret, "old")
    assert is_signed(body, both, secrets)
    assert is_signed(body, {"x-twitter-webhooks-signature": sign(body, "old")}, secrets)
    assert not is_signed(body + b" ", both, secrets)
    assert not is_signed(body, both, ("", "other"))
    assert not is_signed(body, {}, secrets)
    assert not is_signed(body, {"x-twitter-webhooks-signature": "sha256=é"}, secrets)


def test_a_post_says_the_same_in_a_webhook_as_in_an_answer(client: XClient, fake_x: Any) -> None:
    """Except for the conversation, which webhooks do not name."""
    ada, ben = fake_x.add_person("Ada", "ada"), fake_x.add_person("Ben", "ben")
    root, quoted = fake_x.post(ada, "Root"), fake_x.post(ben, "Quoted & <all> https://example.com/q")
    post = fake_x.mention(
        ben, "Look https://example.com/a?b=1&c=2", in_reply_to=root, quotes=quoted, media=[fake_x.picture(alt_text="A")]
    )
    long = fake_x.mention(ada, "word " * 100 + "https://example.com/z")
    for one in (post, long):
        (event,) = parse(json.dumps(fake_x.body_of(one)).encode())
        assert (event.kind, event.id, event.sender_id) == ("post", one.id, one.author.id)
        from_webhook = read_legacy_post(event.item)
        (document,) = client.posts([one.id]).documents
        asked = read_post(document)
        for name in ("id", "first_id", "text", "created_at", "mentioned_ids", "is_repost"):
            assert getattr(from_webhook, name) == getattr(asked, name), name
        assert from_webhook.author.picture_url == asked.author.picture_url
        if asked.quoted and from_webhook.quoted:
            assert from_webhook.quoted.text == asked.quoted.text
        assert [file.url for file in from_webhook.media] == [file.url for file in asked.media]


def test_a_direct_message_says_the_same_in_a_webhook_as_in_an_answer(client: XClient, fake_x: Any) -> None:
    ada = fake_x.add_person("Ada", "ada")
    message = fake_x.message(ada, "Is it there? https://example.com/x", fake_x.picture(of_message=True))
    body = fake_x.body_of(message)
    (event,) = parse(json.dumps(body).encode())
    from_webhook = read_legacy_message(event.item, event.body["users"])
    (document,) = client.direct_messages().documents
    asked = read_direct_message(document)
    for name in ("id", "conversation_id", "text", "created_at"):
        assert getattr(from_webhook, name) == getattr(asked, name), name
    assert from_webhook.sender.username == "ada"
    assert [one.url for one in from_webhook.media] == [one.url for one in asked.media]


def test_ids_of_conversations_are_sorted_as_numbers() -> None:
    assert pair_id("900", "1000") == pair_id("1000", "900") == "900-1000"


def test_a_body_with_several_events_gives_each_alone(fake_x: Any) -> None:
    ada = fake_x.add_person()
    bodies = [fake_x.body_of(fake_x.mention(ada, f"{n}")) for n in range(3)]
    together = {**bodies[0], "tweet_create_events": [one["tweet_create_events"][0] for one in bodies]}
    events = parse(json.dumps(together).encode())
    assert [event.body for event in events] == bodies


def test_everything_else_is_named(fake_x: Any) -> None:
    user = {"id": "7"}
    body = {
        "for_user_id": "1",
        "tweet_delete_events": [{"status": {"id": "5", "user_id": "1"}, "timestamp_ms": "1432228155593"}],
        "direct_message_indicate_typing_events": [{"sender_id": "7", "created_timestamp": "1518127183443"}],
        "direct_message_mark_read_events": [
            {"sender_id": "7", "created_timestamp": "1518452444662", "last_read_event_id": "9"}
        ],
        "follow_events": [{"type": "follow", "source": user, "target": {"id": "1"}}],
        "direct_message_events": [{"type": "participants_join", "id": "8"}],
    }
    kinds = {event.kind: event for event in parse(json.dumps(body).encode())}
    assert set(kinds) == {"delete", "typing", "read", "follow_events", "direct_message_events"}
    assert (kinds["delete"].id, kinds["delete"].sender_id) == ("5", "1")
    assert (kinds["read"].id, kinds["read"].sender_id) == ("9", "7")
    assert kinds["follow_events"].sender_id == "7"
    source = {"source": {"user_id": "1"}, "date_time": "2018-05-24T09:48:12+00:00"}
    (revoked,) = parse(json.dumps({"user_event": {"revoke": source}}).encode())
    assert (revoked.kind, revoked.for_user_id) == ("revoke", "1")
    (replayed,) = parse(b'{"replay_job_status": {"job_state": "Complete"}}')
    assert replayed.kind == "replay_job_status"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"null", b"[" * 50_000, b'{"a_events": 1}', b"\xff"])
def test_what_is_no_webhook_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        parse(body)


def test_a_webhook_is_registered_subscribed_and_taken_back(
    client: XClient, fake_x: Any, session: Any, clock: Any, fake_provider: Any
) -> None:
    fake_provider.on("/hook")(
        lambda asked: {"response_token": crc_answer(asked.query["crc_token"], fake_x.client_secret)}
    )
    taken: list[bytes] = []
    fake_provider.on("/hook", "POST")(lambda asked: taken.append(asked.body) or {})
    app = AppClient(fake_x.app_token, base_url=fake_x.address, session=session, now=clock)
    webhook = app.create_webhook(f"{fake_provider.address}/hook")
    assert app.webhooks() == (webhook,)
    assert client.subscribe(webhook.id)
    assert client.subscribe(webhook.id), "a second time does no harm"
    assert app.subscribed_ids(webhook.id) == (fake_x.account.id,)
    fake_x.mention(fake_x.add_person(), "Hello")
    assert [event.kind for body in taken for event in parse(body)] == ["post"]
    app.check_webhook(webhook.id)
    assert app.webhooks()[0].is_valid
    app.unsubscribe(webhook.id, fake_x.account.id)
    assert not client.is_subscribed(webhook.id)
    app.delete_webhook(webhook.id)
    assert not client.is_subscribed(webhook.id)


def test_an_address_that_fails_the_challenge_is_refused(fake_x: Any, session: Any, fake_provider: Any) -> None:
    fake_provider.on("/hook")(lambda _: {"response_token": "sha256=wrong"})
    app = AppClient(fake_x.app_token, base_url=fake_x.address, session=session)
    with pytest.raises(XRejected, match="CrcValidationFailed"):
        app.create_webhook(f"{fake_provider.address}/hook")


def test_a_plan_without_subscriptions_says_so(client: XClient, fake_x: Any, session: Any, fake_provider: Any) -> None:
    fake_provider.on("/hook")(
        lambda asked: {"response_token": crc_answer(asked.query["crc_token"], fake_x.consumer_secret)}
    )
    webhook = AppClient(fake_x.app_token, base_url=fake_x.address, session=session).create_webhook(
        f"{fake_provider.address}/hook"
    )
    fake_x.allows_subscriptions = False
    with pytest.raises(XRejected) as caught:
        client.subscribe(webhook.id)
    assert caught.value.refusal is Refusal.PLAN


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "Mon Jan 01 00:00:00 +1400 0001", 9e99]
)
def test_a_time_outside_of_the_calendar_is_none(at: object) -> None:
    body = json.dumps({"for_user_id": "1", "tweet_create_events": [{"id_str": "5", "created_at": at, "user": {}}]})
    assert [(one.id, one.at) for one in parse(body.encode())] == [("5", None)]


def test_a_number_that_nobody_means_is_none() -> None:
    message = {"type": "message_create", "id": "1", "created_timestamp": "9" * 5000, "message_create": {}}
    body = json.dumps({"for_user_id": "1", "direct_message_events": [message]})
    assert [(one.id, one.at) for one in parse(body.encode())] == [("1", None)]
