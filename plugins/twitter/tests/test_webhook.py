"""Being told at once: the challenge, whose events are whose, the subscription, rights that were taken back; readers for commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from plugins.twitter import webhook
from plugins.twitter.readers import x_reader
from plugins.twitter.subscription import is_told_at_once, look_after, subscribe, told_of
from plugins.twitter.tests.accounts import Desk, create_account
from tidings import BadSignature, NeedsReauth, UnrecognisedPayload, WebhookRequest
from tidings.testing import FakeProvider


def request_of(desk: Desk, body: Any, *, signs: bool = True) -> WebhookRequest:
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = desk.x.sign(data) if signs else {}
    return WebhookRequest("POST", desk.host.shared_webhook_url(), headers, {}, data, desk.clock.now())


def challenge(desk: Desk, token: str) -> WebhookRequest:
    return WebhookRequest("GET", desk.host.shared_webhook_url(), {}, {"crc_token": token}, b"", desk.clock.now())


@pytest.fixture
def front(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    """The installation as X sees it: its shared webhook on loopback."""
    with FakeProvider() as front:

        def ask(asked: Any) -> Any:
            reply = desk.channel.receive_shared_webhook(
                replace(challenge(desk, asked.query["crc_token"]), method="GET")
            )
            return json.loads(reply.body)

        def take(asked: Any) -> Any:
            request = WebhookRequest("POST", asked.path, asked.headers, {}, asked.body, desk.clock.now())
            desk.channel.verify_shared_webhook(request)
            for one in desk.channel.receive_shared_webhook(request).events:
                desk.host.receive(one.account_id, one.event)
            return {}

        front.on("/hooks/twitter")(ask)
        front.on("/hooks/twitter", "POST")(take)
        monkeypatch.setattr(desk.host, "shared_webhook_url", lambda: f"{front.address}/hooks/twitter")
        yield front


def test_the_challenge_is_answered_and_nothing_else_without_a_signature(desk: Desk) -> None:
    request = challenge(desk, "abc")
    desk.channel.verify_shared_webhook(request)
    reply = desk.channel.receive_shared_webhook(request)
    assert reply.content_type == "application/json"
    assert json.loads(reply.body)["response_token"].startswith("sha256=")
    assert not reply.events
    with pytest.raises(BadSignature):
        desk.channel.verify_shared_webhook(replace(request, query={}))
    with pytest.raises(BadSignature):
        desk.channel.verify_shared_webhook(replace(request, method="POST"))


FORGED = '{"for_user_id": "1", "direct_message_events": [{"type": "message_create", "id": "1"}]}'


@pytest.mark.parametrize("token", [FORGED, "[1]", '"text"', "", "a" * 301, "ü", "a\nb"])
def test_the_challenge_signs_nothing_that_could_be_a_webhook(desk: Desk, token: str) -> None:
    """Anybody may ask, and the answer is the signature that a body of the same bytes would have."""
    with pytest.raises(BadSignature):
        desk.channel.verify_shared_webhook(challenge(desk, token))


@pytest.mark.parametrize("body", [b"abc", b"123", b"null", b""])
def test_what_a_challenge_may_have_signed_is_no_webhook(desk: Desk, body: bytes) -> None:
    request = WebhookRequest("POST", desk.host.shared_webhook_url(), desk.x.sign(body), {}, body, desk.clock.now())
    with pytest.raises(BadSignature):
        desk.channel.verify_shared_webhook(request)


def test_each_account_gets_its_own_events(desk: Desk) -> None:
    other = desk.x.add_person("Other Shop", "other")
    settings = {**desk.account.settings, "user_id": other.id, "username": "other"}
    desk.host.put_account(replace(create_account(desk.x), id=2, address="@other", settings=settings))
    body = desk.x.body_of(desk.x.mention(desk.x.add_person(), "Hello"))
    for user_id, account_id in ((desk.x.account.id, 1), (other.id, 2)):
        (one,) = webhook.receive(desk.host, request_of(desk, {**body, "for_user_id": user_id})).events
        assert one.account_id == account_id
    assert not webhook.receive(desk.host, request_of(desk, {**body, "for_user_id": "99"})).events


def test_what_means_nothing_for_the_inbox_is_taken_and_left(desk: Desk) -> None:
    own, ada = desk.x.account, desk.x.add_person()
    post = desk.x.post(own, "We are open.")
    bodies = [
        desk.x.body_of(post),
        desk.x.body_of(desk.x.post(ada, "", reposts=post)),
        desk.x.body_of(desk.x.post(own, "And so on", in_reply_to=post)),
        {"for_user_id": own.id, "follow_events": [{"type": "follow", "source": {"id": ada.id}}]},
        {"for_user_id": own.id, "favorite_events": [{"id": "a"}]},
        {"for_user_id": own.id, "direct_message_indicate_typing_events": [{"sender_id": ada.id}]},
        {"replay_job_status": {"job_state": "Complete"}},
    ]
    for body in bodies:
        assert not webhook.receive(desk.host, request_of(desk, body)).events
    quote = desk.x.body_of(desk.x.post(ada, "Look", quotes=post))
    assert webhook.receive(desk.host, request_of(desk, quote)).events, "who quotes us speaks of us"
    with pytest.raises(UnrecognisedPayload):
        webhook.receive(desk.host, request_of(desk, {"hello": 1}))


def test_wishes_of_the_owner_hold_for_webhooks_too(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk(account={"reads_messages": False, "reads_own_posts": False})
    ada = desk.x.add_person()
    asked = desk.x.mention(ada, "?")
    for item in (desk.x.message(ada, "Psst"), desk.x.post(desk.x.account, "!", in_reply_to=asked)):
        assert not webhook.receive(desk.host, request_of(desk, desk.x.body_of(item))).events


def test_an_account_is_subscribed_and_told_at_once(desk: Desk, front: FakeProvider) -> None:
    assert subscribe(desk.host, desk.account).is_on
    assert subscribe(desk.host, desk.account).is_on, "a second time changes nothing"
    assert is_told_at_once(desk.host, 1)
    desk.x.mention(desk.x.add_person(), "Hello")
    assert [event.source_key for _, event in desk.host.received] == [
        f"post:{post.id}" for post in desk.x.state.posts.values()
    ]
    for hook in desk.x.state.webhooks.values():
        hook.is_valid, hook.subscribed = False, []
    look_after(desk.host)
    assert [hook.is_valid for hook in desk.x.state.webhooks.values()] == [True]
    desk.x.mention(desk.x.add_person(), "Again")
    assert len(desk.host.received) == 2


def test_subscriptions_of_removed_accounts_are_ended(desk: Desk, front: FakeProvider) -> None:
    subscribe(desk.host, desk.account)
    (hook,) = desk.x.state.webhooks.values()
    hook.subscribed.append("99")
    look_after(desk.host)
    assert hook.subscribed == [desk.x.account.id]
    hook.subscribed.append("99")
    with desk.x.fault("server_trouble"):
        look_after(desk.host)
    assert "99" in hook.subscribed, "tried again another time"


def test_the_other_secret_is_tried_when_x_does_not_take_the_first(desk: Desk, front: FakeProvider) -> None:
    right, desk.x.client_secret = desk.x.client_secret, "another"
    assert subscribe(desk.host, desk.account).is_on
    desk.x.client_secret = right
    look_after(desk.host)
    assert is_told_at_once(desk.host, 1)


@pytest.mark.parametrize("missing", ["key", "plan", "address", "x"])
def test_without_a_subscription_polling_does_the_work(desk: Desk, front: FakeProvider, missing: str) -> None:
    if missing == "key":
        desk.host.settings["consumer_secret"] = ""
    if missing == "plan":
        desk.x.allows_subscriptions = False
    if missing == "address":
        desk.host.shared_webhook_url = lambda: "http://127.0.0.1:9/hooks"  # type: ignore[method-assign]
    if missing == "x":
        desk.x.app_token = "changed"
        desk.x.consumer_secret = "changed"
    told = subscribe(desk.host, desk.account)
    assert not told.is_on
    assert told.why_not
    assert not is_told_at_once(desk.host, 1)
    assert told_of(desk.host, 1).why_not == told.why_not


def test_rights_that_are_taken_back_show_at_the_next_look(desk: Desk, front: FakeProvider) -> None:
    subscribe(desk.host, desk.account)
    desk.x.take_rights_back()
    calls = len(desk.x.asked)
    with pytest.raises(NeedsReauth):
        desk.fetch()
    assert len(desk.x.asked) == calls, "X need not be asked"


def test_readers_of_commands_verify_read_and_answer(desk: Desk) -> None:
    reader, ada = x_reader(), desk.x.add_person("Ada", "ada")
    assert reader.answer_challenge
    assert reader.answer_challenge("consumer-secret", "challenge-token-0123") == (
        "sha256=lumuGGPiCh5g6zuWaGMnqWdioh1JvzOuH/oktPvK3qo="
    )
    post = desk.x.mention(ada, "Grüße", media=[desk.x.picture()])
    direct = desk.x.message(ada, "Psst", by_account=True)
    request = request_of(desk, {**desk.x.body_of(direct), **desk.x.body_of(post), "follow_events": [{"id": "1"}]})
    reader.verify(desk.x.client_secret, request)
    with pytest.raises(BadSignature):
        reader.verify("other", request)
    found = {one.kind + str(one.is_echo): one for one in reader.read(request)}
    assert (found["messageFalse"].text, found["messageFalse"].attachments) == ("@shop Grüße", 1)
    assert found["messageFalse"].sender_name == "Ada"
    assert found["messageTrue"].conversation_key == direct.conversation_id
    assert "otherFalse" in found
    with pytest.raises(UnrecognisedPayload):
        reader.read(request_of(desk, []))
