"""Asking X: pages, gaps, limits, what the account wrote elsewhere, the pace, and posts that were deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plugins.twitter.pace import Used, next_poll_at
from plugins.twitter.plans import Budget
from plugins.twitter.subscription import note_told
from plugins.twitter.tests.accounts import Desk
from plugins.twitter.usage import used_today
from plugins.twitter.webhook import receive
from tidings import (
    DeliveryUpdate,
    InboundMessage,
    MessageEdit,
    MessageRemoval,
    NeedsReauth,
    Permanent,
    Temporary,
    WebhookRequest,
)

MINUTE = 60
DAY = timedelta(days=1)


def texts(said: list[Any]) -> list[str]:
    return [one.reply_text or one.text for one in said if isinstance(one, InboundMessage)]


def test_mentions_messages_and_answers_written_elsewhere_are_fetched(desk: Desk) -> None:
    ada = desk.x.add_person("Ada", "ada")
    asked = desk.x.mention(ada, "Where are you?")
    desk.x.post(desk.x.account, "Around the corner.", in_reply_to=asked)
    desk.x.post(desk.x.account, "We are open today.")
    desk.x.message(ada, "Psst")
    desk.x.message(ada, "Yes?", by_account=True)
    desk.fetch()
    said = {one.text: one for one in desk.said()}
    assert set(said) == {"@shop Where are you?", "@ada Around the corner.", "Psst", "Yes?"}
    echo, question = said["@ada Around the corner."], said["@shop Where are you?"]
    assert echo.is_echo
    assert echo.to[0].value == ada.id == question.sender.value
    assert echo.thread_key == question.thread_key
    assert echo.in_reply_to == question.external_id
    assert said["Yes?"].is_echo
    assert said["Yes?"].thread_key == said["Psst"].thread_key


def test_parts_that_nobody_wants_are_not_asked_for(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk(account={"reads_messages": False, "reads_own_posts": False})
    desk.fetch()
    assert [one.path for one in desk.x.asked] == [f"/2/users/{desk.x.account.id}/mentions"]


def test_a_new_account_begins_now_and_backfill_brings_the_rest(desk: Desk) -> None:
    ada = desk.x.add_person()
    desk.x.mention(ada, "Long ago")
    desk.x.message(ada, "Long ago, directly")
    desk.clock.tick(3 * 3600)
    desk.host.store.set("connected:1", (desk.clock.now() - timedelta(hours=1)).isoformat())
    desk.x.mention(ada, "Now")
    desk.fetch()
    assert texts(desk.said()) == ["@shop Now"]
    filled = [event for batch in desk.channel.backfill(desk.account, desk.clock.now() - DAY) for event in batch.events]
    assert sorted(texts(desk.said(filled))) == ["@shop Long ago", "@shop Now", "Long ago, directly"]
    assert {event.source_key for event in desk.events} < {event.source_key for event in filled}


def test_older_pages_are_read_later_when_a_limit_strikes_between_two(desk: Desk) -> None:
    """The newest page is stored, the gap is remembered, and nothing is asked for twice."""
    ada = desk.x.add_person()
    desk.x.mention(ada, "First")
    desk.fetch()
    for number in range(250):
        desk.x.mention(ada, f"{number}")
    desk.x.limits["mentions"] = 3
    desk.clock.tick(MINUTE)
    desk.fetch()
    assert len(desk.events) == 201
    desk.x.mention(ada, "While we waited")
    desk.clock.tick(5 * MINUTE)
    desk.fetch()
    assert len(desk.events) == 201, "the limit is respected without asking"
    desk.clock.tick(11 * MINUTE)
    desk.fetch()
    desk.clock.tick(MINUTE)
    desk.fetch()
    found = [one.text for event in desk.events for one in desk.channel.translate(desk.account, event)]
    assert sorted(found) == sorted([*(f"@shop {n}" for n in range(250)), "@shop First", "@shop While we waited"])


def test_many_direct_messages_are_read_to_the_last_known_one(desk: Desk) -> None:
    ada = desk.x.add_person()
    desk.x.message(ada, "First")
    desk.fetch()
    for number in range(130):
        desk.x.message(ada, f"{number}")
    desk.clock.tick(MINUTE)
    desk.fetch()
    assert len({event.source_key for event in desk.events}) == len(desk.events) == 131
    calls = len(desk.x.asked)
    desk.clock.tick(MINUTE)
    assert not desk.fetch()
    assert len(desk.x.asked) == calls + 3


def test_a_plan_that_forbids_one_part_leaves_the_others(desk: Desk) -> None:
    desk.x.allows_messages = False
    desk.x.mention(desk.x.add_person(), "Hello")
    assert len(desk.fetch()) == 1
    desk.x.allows_reading = False
    desk.clock.tick(MINUTE)
    with pytest.raises(Permanent, match="plan"):
        desk.fetch()


def test_what_goes_wrong_everywhere_is_said(desk: Desk) -> None:
    with desk.x.fault("rate_limited"), pytest.raises(Temporary) as caught:
        desk.fetch()
    assert caught.value.retry_at == desk.clock.now().replace(microsecond=0) + timedelta(seconds=37)
    desk.clock.tick(2 * MINUTE)
    desk.x.reads_left = 0
    desk.x.mention(desk.x.add_person(), "Hello")
    desk.x.message(desk.x.add_person(), "Hello")
    desk.fetch()
    assert not desk.events, "the account's own posts could be read, though there are none"


def test_rights_that_were_taken_back_ask_for_a_new_sign_in(desk: Desk) -> None:
    desk.x.take_rights_back()
    with pytest.raises(NeedsReauth):
        desk.fetch()


def test_an_ended_access_token_is_renewed_unnoticed(desk: Desk) -> None:
    for _ in range(3):
        desk.clock.tick(3 * 3600)
        desk.x.mention(desk.x.add_person(), "Hello")
        assert len(desk.fetch()) == 1
    desk.x.state.tokens[next(reversed(desk.x.state.tokens))].is_revoked = True
    desk.clock.tick(MINUTE)
    with pytest.raises(NeedsReauth):
        desk.fetch()


def test_a_small_plan_is_spread_over_the_day(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk(calls_per_day=96, reads_per_day=1000)
    polls = []
    for _ in range(24 * 60):
        before = len(desk.x.asked)
        desk.fetch()
        if len(desk.x.asked) > before:
            polls.append(desk.clock.now())
        desk.clock.tick(MINUTE)
    today = [at for at in polls if at.date() == polls[0].date()]
    assert used_today(desk.host).calls <= 96
    assert 25 <= len(today) <= 32
    pauses = [later - earlier for earlier, later in zip(today, today[1:], strict=False)]
    assert max(pauses) < 1.5 * min(pauses)


def test_reads_that_are_used_up_end_the_day_and_a_rush_is_slowed(create_desk: Callable[..., Desk]) -> None:
    desk = create_desk(reads_per_day=20)
    ada = desk.x.add_person()
    for number in range(30):
        desk.x.mention(ada, f"{number}")
    for _ in range(20 * 6):
        desk.fetch()
        desk.clock.tick(10 * MINUTE)
    assert desk.x.reads <= 25, "a page has five posts at least"
    while desk.clock.now().hour != 12:
        desk.fetch()
        desk.clock.tick(10 * MINUTE)
    assert len(desk.events) == 30


def test_webhooks_make_asking_rare(desk: Desk) -> None:
    desk.fetch()
    note_told(desk.host, 1)
    calls = len(desk.x.asked)
    for _ in range(14):
        desk.clock.tick(MINUTE)
        desk.fetch()
    assert len(desk.x.asked) == calls
    desk.clock.tick(2 * MINUTE)
    desk.fetch()
    assert len(desk.x.asked) > calls


@pytest.mark.parametrize(
    ("used", "last_minutes_ago", "wait_minutes"),
    [
        (Used(), None, 0),
        (Used(), 1, 11),
        (Used(calls=119), 600, 720),
        (Used(calls=120), None, 720),
        (Used(reads=100), 600, 720),
        (Used(reads=80), 600, 288),
        (Used(reads=30), 600, 0),
    ],
)
def test_the_pace_follows_from_what_is_left(used: Used, last_minutes_ago: int | None, wait_minutes: int) -> None:
    """At noon, with 120 calls and 100 reads a day and two calls for a look."""
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    last = now - timedelta(minutes=last_minutes_ago) if last_minutes_ago is not None else None
    at = next_poll_at(now, last, used, Budget(120, 100), calls_a_poll=2)
    assert max(timedelta(0), at - now) == timedelta(minutes=wait_minutes)


def test_deleted_posts_are_found_once_a_day(desk: Desk) -> None:
    ada = desk.x.add_person()
    kept, gone, hidden = (desk.x.mention(ada, f"{n}") for n in range(3))
    desk.fetch()
    desk.x.delete(gone)
    desk.x.hidden.add(hidden.id)
    desk.clock.tick(23 * 3600)
    assert not desk.fetch()
    desk.clock.tick(3600)
    fresh = desk.fetch()
    assert desk.said(fresh) == [MessageRemoval(f"post:{gone.id}", desk.clock.now())]
    desk.clock.tick(25 * 3600)
    assert not desk.fetch(), "it is told once"
    assert {one[0] for one in desk.account.cursor["watched"]} == {kept.id, hidden.id}  # type: ignore[attr-defined]


def test_an_edit_changes_the_message_that_is_here(desk: Desk) -> None:
    ada = desk.x.add_person()
    post = desk.x.mention(ada, "Helo")
    desk.fetch()
    newer = desk.x.edit(post, "@shop Hello")
    desk.clock.tick(MINUTE)
    first, again, edit = [*desk.said(desk.events), *desk.said(desk.fetch())]
    assert (first.external_id, first.content_key) == (again.external_id, again.content_key)
    assert edit == MessageEdit(f"post:{post.id}", "@shop Hello", again.sent_at)
    desk.x.delete(newer)
    desk.clock.tick(25 * 3600)
    (removal,) = desk.said(desk.fetch())
    assert removal.external_id == first.external_id


def test_what_a_webhook_brought_has_the_same_key_when_it_is_fetched(desk: Desk) -> None:
    ada = desk.x.add_person()
    root = desk.x.post(ada, "Root")
    items = [desk.x.mention(ada, "One"), desk.x.mention(ada, "Two", in_reply_to=root), desk.x.message(ada, "Three")]
    told = [event for item in items for event in receive(desk.host, _request(desk, item)).events]
    desk.fetch()
    assert {one.event.source_key for one in told} == {event.source_key for event in desk.events}
    from_webhook, asked = (
        {one.external_id: one for one in desk.said(events)} for events in ([one.event for one in told], desk.events)
    )
    for key, one in asked.items():
        for name in ("content_key", "thread_key", "text", "reply_text", "sent_at", "in_reply_to", "sender", "is_echo"):
            assert getattr(from_webhook[key], name) == getattr(one, name), (name, one.text)


def _request(desk: Desk, item: Any) -> Any:
    body = json.dumps(desk.x.body_of(item)).encode()
    return WebhookRequest("POST", desk.host.shared_webhook_url(), desk.x.sign(body), {}, body, desk.clock.now())


def test_reading_of_messages_is_told(desk: Desk) -> None:
    ada = desk.x.add_person()
    message = desk.x.message(ada, "Hello", by_account=True)
    bodies: list[Any] = []
    desk.x.tell = bodies.append  # type: ignore[method-assign]
    desk.x.has_read(ada, message)
    body = json.dumps(bodies[0]).encode()
    request = WebhookRequest("POST", "https://x", desk.x.sign(body), {}, body, desk.clock.now())
    (told,) = receive(desk.host, request).events
    (update,) = desk.said([told.event])
    assert isinstance(update, DeliveryUpdate)
    assert update.thread_key == f"dm:{message.conversation_id}"
