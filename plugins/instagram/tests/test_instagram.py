"""What is Instagram's own: stories, comments, bytes, ids of its conversations, and the way to a connected account."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug import Request

from connectors.meta_graph.webhook_parts import split
from connectors.meta_graph.webhooks import sign
from plugins.instagram import actions, register_routes, subscription
from plugins.instagram.channel import InstagramChannel
from plugins.instagram.names import PRIVATE, PUBLIC
from plugins.instagram.tests import accounts
from tidings import (
    Account,
    BadSignature,
    ConversationSummary,
    DeliveryWord,
    Exchange,
    MessageSummary,
    NeedsReauth,
    OutboundMessage,
    Participant,
    Permanent,
    RawEvent,
    WebhookRequest,
)
from tidings.testing import FakeHost, providers


def said(channel: InstagramChannel, account: Account, name: str) -> Any:
    (one,) = channel.translate(account, channel.complete(account, accounts.captured(name)))
    return one


@pytest.mark.parametrize(
    ("name", "story", "files"),
    [("message__answers_a_story", "answers your story", 0), ("message__story_mention", "mentions you in a story", 1)],
)
def test_stories_are_named_and_mentions_kept(channel: Any, account: Account, name: str, story: str, files: int) -> None:
    message = said(channel, account, name)

    assert message.fields == {"Story": story}
    assert len(message.attachments) == files


def test_people_have_names_and_shared_reels_are_text(channel: Any, account: Account) -> None:
    assert said(channel, account, "message__text").sender.name == "Ada Ünlü"
    assert said(channel, account, "message__shared_reel").text.startswith("Spring lamps – https://")


def test_being_seen_counts_for_the_exchange(channel: Any, account: Account) -> None:
    update = said(channel, account, "seen__last_message")

    assert (update.word, update.thread_key) == (DeliveryWord.READ, f"person:{accounts.PERSON_ID}")


def test_a_comment_stands_beside_its_photo(channel: Any, account: Account, graph: providers.FakeMetaGraph) -> None:
    graph.state.posts["17900000000000009"] = graph.add_post(accounts.PAGE_ID, "Spring lamps")
    comment = said(channel, account, "comment__added")
    answer = said(channel, account, "comment__answer_by_the_account")

    assert (comment.subject, comment.fields["Comment on"], comment.sender.name) == (
        "Spring lamps",
        "Spring lamps",
        "ada.u",
    )
    assert comment.thread_key == answer.thread_key == "comment:17870000000000001"
    assert answer.is_echo


def test_what_is_read_is_what_the_webhook_would_have_brought(
    channel: Any, account: Account, graph: Any, host: FakeHost
) -> None:
    accounts.page_of(graph).subscribed = ("messages",)
    graph.write(accounts.person_of(graph), "Grüße")
    graph.answer_elsewhere(accounts.person_of(graph), "Hello!")
    host.clock.tick(600)
    brought = [RawEvent(part.body, part.key) for body in graph.undelivered for part in split(json.dumps(body).encode())]
    fetched = [event for batch in channel.fetch(account) for event in batch.events]

    told = [
        {
            (m.external_id, m.content_key, m.thread_key, m.is_echo, m.sender.value)
            for e in events
            for m in channel.translate(account, e)
        }
        for events in (brought, fetched)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 2
    filled = [event for batch in channel.backfill(account, host.now() - timedelta(days=1)) for event in batch.events]
    assert [event.source_key for event in filled] == [event.source_key for event in fetched]


@pytest.fixture
def answer(graph: providers.FakeMetaGraph, host: FakeHost) -> OutboundMessage:
    graph.write(accounts.person_of(graph), "Hello")
    to = (Participant("instagram", accounts.PERSON_ID),)
    return OutboundMessage(
        11, 7, "t.11@desk.test", to, "Come by!", host.now(), thread_key=f"person:{accounts.PERSON_ID}"
    )


def test_an_answer_reaches_the_person_once(channel: Any, account: Account, answer: OutboundMessage, graph: Any) -> None:
    assert channel.was_sent(account, answer) is False
    receipt = channel.send(account, answer)

    assert [(one.id, one.text) for one in graph.state.sent] == [(receipt.external_id, "Come by!")]
    assert channel.was_sent(account, answer)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"text": "ü" * 501}, "1,002"), ({"thread_key": None}, "wrote first"), ({"text": " "}, "nothing")],
)
def test_what_can_never_be_sent_is_refused(channel: Any, account: Account, answer: Any, change: dict, why: str) -> None:
    with pytest.raises(Permanent, match=why):
        channel.send(account, replace(answer, **change))


def test_after_a_day_only_an_app_with_the_feature_may_answer(
    channel: Any, answer: Any, graph: Any, host: FakeHost
) -> None:
    host.clock.tick(timedelta(days=2).total_seconds())
    plain, approved = accounts.create_account(graph), accounts.create_account(graph, human_agent=True)
    exchange = Exchange(7, answer.thread_key, answer.to[0], host.now() - timedelta(days=2), "m", {}, host.now())
    with pytest.raises(Permanent, match="Too long ago"):
        channel.send(plain, answer)
    channel.send(approved, answer)

    assert [one.tag for one in graph.state.sent] == ["HUMAN_AGENT"]
    assert channel.reply_rules(plain, exchange).is_refused
    assert not channel.reply_rules(approved, exchange).is_refused


def test_comments_are_answered_both_ways_and_hidden(
    channel: Any, account: Account, answer: Any, graph: Any, host: FakeHost
) -> None:
    comment = graph.comment(accounts.person_of(graph), graph.add_post(accounts.PAGE_ID, "Lamps"), "Nice")
    public = replace(answer, thread_key=f"comment:{comment.id}", choice=PUBLIC)
    shown = graph.state.comments[channel.send(account, public).external_id]
    private = channel.send(account, replace(public, choice=PRIVATE))

    assert (shown.text, shown.parent_id) == ("Come by!", comment.id)
    assert comment.private_reply == private.external_id
    assert channel.was_sent(account, public) is None
    place = ConversationSummary(7, 7, "", "open", "instagram", 1, 3, "Ada", accounts.PERSON_ID, host.now())
    said_before = (comment.id, "Nice", True, False, True, None, host.now(), 1)
    (hide,) = actions.message_actions(
        host, place, [MessageSummary(5, place, "inbound", "normal", *said_before, {"Comment on": "Lamps"})]
    )
    route = next(one for one in register_routes(host=host) if one.name == "hide")
    route.view(Request({"REQUEST_METHOD": "POST"}), account_id=1, comment_id=comment.id)
    assert hide.path == f"/hide/1/{comment.id}"
    assert comment.is_hidden


def test_requests_are_signed_and_only_of_instagram(channel: Any, host: FakeHost) -> None:
    body = accounts.captured("message__text").payload

    def request(content: bytes, secret: str) -> WebhookRequest:
        headers = {"X-Hub-Signature-256": sign(content, secret)}
        return WebhookRequest("POST", host.shared_webhook_url(), headers, {}, content, host.now())

    channel.verify_shared_webhook(request(body, accounts.APP["app_secret"]))
    with pytest.raises(BadSignature):
        channel.verify_shared_webhook(request(body, "another"))
    of_a_page = body.replace(b'"instagram"', b'"page"')
    assert len(channel.receive_shared_webhook(request(body, "")).events) == 1
    assert channel.receive_shared_webhook(request(of_a_page, "")).events == ()


def test_webhooks_are_added_to_those_of_the_page(host: FakeHost, account: Account, graph: Any) -> None:
    accounts.page_of(graph).subscribed = ("feed",)
    subscription.look_after_accounts(host)

    assert {"feed", "messages"} <= set(accounts.page_of(graph).subscribed)


def test_a_revoked_sign_in_needs_its_owner(channel: Any, account: Account, graph: Any) -> None:
    graph.kill(accounts.page_of(graph).token, 458)
    with pytest.raises(NeedsReauth, match="removed the app"):
        list(channel.fetch(account))


def test_a_page_with_another_account_is_named(channel: Any, account: Account, graph: Any) -> None:
    accounts.page_of(graph).instagram_id = "1"

    assert "another account is linked" in channel.test_connection(account).problem
