"""Reading finds what no webhook brought, under the same keys, and leaves room for answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.meta_graph.webhook_parts import split
from plugins.facebook.channel import FacebookChannel
from plugins.facebook.tests import pages
from tidings import Account, FetchBatch, InboundMessage, RawEvent, Temporary
from tidings.testing import Answer, FakeHost, providers


def read(channel: FacebookChannel, account: Account) -> tuple[list[RawEvent], Account]:
    """Every event, and the account as it stands afterwards."""
    batches = list(channel.fetch(account))
    cursor = batches[-1].cursor if batches else account.cursor
    return [event for batch in batches for event in batch.events], replace(
        account, cursor=json.loads(json.dumps(cursor))
    )


def messages(channel: FacebookChannel, account: Account, events: list[RawEvent]) -> list[InboundMessage]:
    return [one for event in events for one in channel.translate(account, event) if isinstance(one, InboundMessage)]


def test_what_is_read_is_what_the_webhook_would_have_brought(
    channel: FacebookChannel, account: Account, graph: providers.FakeMetaGraph, host: FakeHost
) -> None:
    pages.page_of(graph).subscribed = ("messages", "feed", "message_echoes")
    person, post = pages.person_of(graph), graph.add_post(pages.PAGE_ID, "Lamps")
    graph.write(person, "Grüße", attachments=[{"type": "image", "payload": {"url": "https://x.fbcdn.net/v/a.jpg"}}])
    graph.answer_elsewhere(person, "Hello!")
    graph.comment(person, post, "How much?", under=graph.comment(person, post, "Nice"))
    host.clock.tick(600)
    brought = [RawEvent(part.body, part.key) for body in graph.undelivered for part in split(json.dumps(body).encode())]
    fetched, _ = read(channel, account)

    said = [
        {
            (m.external_id, m.content_key, m.thread_key, m.text, m.is_echo, m.sender.value)
            for m in messages(channel, account, events)
        }
        for events in (brought, fetched)
    ]
    assert said[0] == said[1]
    assert {event.source_key for event in brought} == {event.source_key for event in fetched}


def test_an_outage_of_days_is_caught_up(channel: FacebookChannel, account: Account, graph: Any, host: FakeHost) -> None:
    _, account = read(channel, account)
    for number in range(5):
        host.clock.tick(timedelta(hours=12).total_seconds())
        graph.write(pages.person_of(graph), f"Message {number}")
        graph.write(graph.add_person(pages.page_of(graph)), f"Other {number}")
    host.clock.tick(timedelta(hours=12).total_seconds())
    events, account = read(channel, account)

    assert len(events) == 10
    assert read(channel, account)[0] == []


def test_answers_of_a_moment_ago_wait_until_their_receipt_is_stored(
    channel: FacebookChannel, account: Account, graph: Any, host: FakeHost
) -> None:
    graph.write(pages.person_of(graph), "Hello")
    graph.write(pages.person_of(graph), "Perhaps ours", is_by_page=True)
    first, account = read(channel, account)
    host.clock.tick(301)
    later, _ = read(channel, account)

    assert len(first) == 1
    assert {one.text for one in messages(channel, account, later)} == {"Hello", "Perhaps ours"}


def test_comments_are_read_again_only_where_their_number_changed(
    channel: FacebookChannel, account: Account, graph: Any, host: FakeHost
) -> None:
    posts = [graph.add_post(pages.PAGE_ID, f"Post {number}") for number in range(3)]
    graph.comment(pages.person_of(graph), posts[0], "Nice")
    first, account = read(channel, account)
    graph.comment(pages.person_of(graph), posts[1], "Nice, too")
    graph.asked.clear()
    second, account = read(channel, account)

    assert [len(first), len(second)] == [1, 1]
    assert sum(1 for asked in graph.asked if asked.path.endswith("/comments")) == 1


def test_a_page_without_comments_asks_for_none(channel: FacebookChannel, graph: Any) -> None:
    graph.comment(pages.person_of(graph), graph.add_post(pages.PAGE_ID, "Lamps"), "Nice")
    events, _ = read(channel, pages.create_account(graph, comments=False))

    assert events == []


def test_backfill_reads_from_a_date_on_with_progress(
    channel: FacebookChannel, account: Account, graph: Any, host: FakeHost
) -> None:
    graph.write(pages.person_of(graph), "Long ago")
    host.clock.tick(timedelta(days=40).total_seconds())
    since = host.now()
    graph.write(pages.person_of(graph), "Lately")
    graph.comment(pages.person_of(graph), graph.add_post(pages.PAGE_ID, "Lamps"), "Nice")
    batches: list[FetchBatch] = list(channel.backfill(account, since))

    assert [one.text for one in messages(channel, account, [e for b in batches for e in b.events])] == [
        "Lately",
        "Nice",
    ]
    assert batches[0].progress == "1 of 1 conversations"
    assert all(batch.cursor == account.cursor for batch in batches)


def test_reading_stops_when_metas_limits_are_nearly_used_up(
    channel: FacebookChannel, account: Account, graph: Any, host: FakeHost
) -> None:
    for _ in range(3):
        graph.write(graph.add_person(pages.page_of(graph)), "Hello")
    answer = graph._answer

    def nearly(asked: Any) -> Answer:
        said = answer(asked)
        return Answer(200, said, {"X-App-Usage": '{"call_count": 91, "total_time": 3}'})

    graph._functions[graph._functions.index(answer)] = nearly
    events, _ = read(channel, account)
    with pytest.raises(Temporary, match="nearly used up") as caught:
        list(channel.backfill(account, host.now() - timedelta(days=1)))

    assert len(events) == 1
    assert caught.value.retry_at == host.now() + timedelta(minutes=15)
    (quota,) = channel.health(account).quotas
    assert (quota.used, quota.limit) == (91, 100)
