"""Promises to open browsers: what changes is told within a second, what was missed is made up for, and places are limited."""

import json
import threading
import time
from contextlib import contextmanager

import pytest

from app.models import Change
from app.realtime import RESET, Event, Feed, TooManyStreams
from app.realtime import feed as feed_module
from app.realtime.topics import topics_of
from app.services import conversations
from app.services.core import Actor, writing
from app.web.pages.stream import _lines


@pytest.fixture
def feed(tidings_app) -> Feed:
    return tidings_app.extensions["tidings.feed"]


@contextmanager
def listening(feed):
    listener = feed.listen()
    try:
        yield listener
    finally:
        feed.leave(listener)


def wait(listener, seconds=3.0):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        event = listener.wait(0.1)
        if event is not None:
            return event
    return None


def tell(core, topic="undelivered", **data):
    with writing(core) as unit:
        unit.changed(topic, **data)


def test_a_change_reaches_a_listener_within_a_second(feed, core, agent, conversation):
    with listening(feed) as listener:
        begun = time.monotonic()
        conversations.resolve(core, Actor(agent.agent_id, "Ada", "agent"), [conversation.conversation_id])
        event = wait(listener)

    assert set(event.topics) == {"inbox", "conversation:1", "case:1"}
    assert time.monotonic() - begun < 1.0


def test_nothing_from_before_is_told(feed, core):
    tell(core)
    with listening(feed) as listener:
        assert wait(listener, 1.0) is None


def test_what_was_missed_is_told_from_an_id_on(feed, core):
    tell(core, "account", id=1)
    first = next(feed.since(0)).id
    tell(core, "conversation", number=7)

    assert list(feed.since(first)) == [Event(first + 1, ("inbox", "conversation:7"))]
    assert list(feed.since(first + 1)) == []


def test_a_page_that_is_older_than_the_feed_begins_anew(feed, core, clock):
    for _ in range(3):
        tell(core, "account", id=1)
        clock.advance(seconds=1)
    with writing(core) as unit:
        unit.session.delete(unit.session.get(Change, 1))
        unit.session.delete(unit.session.get(Change, 2))

    assert list(feed.since(1)) == [RESET]


def test_each_change_is_told_once(feed, core):
    with listening(feed) as listener:
        tell(core, "account", id=1)
        assert wait(listener) is not None
        assert wait(listener, 1.2) is None


def test_a_slow_listener_is_told_to_fetch_everything(feed, core, monkeypatch):
    with listening(feed) as listener:
        for number in range(feed_module.QUEUE_LENGTH + 1):
            feed._tell(Event(number + 1, ("inbox",)))

        assert listener.wait(0) is RESET
        assert listener.wait(0) is None


def test_places_are_limited_and_given_back(tidings_app, core):
    from app.extensions import db

    feed = Feed(db.engine, most_listeners=2)
    first, second = feed.listen(), feed.listen()
    with pytest.raises(TooManyStreams):
        feed.listen()
    feed.leave(first)
    third = feed.listen()
    for listener in (second, third):
        feed.leave(listener)
    assert feed.listener_count == 0


def test_the_thread_ends_when_nobody_listens(feed):
    with listening(feed):
        assert any(thread.name == "change-feed" for thread in threading.enumerate())
    ends = time.monotonic() + 3
    while time.monotonic() < ends and feed._thread is not None:
        time.sleep(0.05)

    assert feed._thread is None


def test_the_stream_speaks_the_format_of_browsers_and_ends_at_shutdown(feed, core):
    tell(core, "conversation", number=3)
    listener = feed.listen()
    stops = threading.Event()
    lines = _lines(feed, listener, 0, stops.is_set)

    assert next(lines) == "retry: 2000\n\n"
    tell(core, "conversation", number=4)
    kind, identifier, data = next(lines).strip().split("\n")
    assert (kind, identifier[:4]) == ("event: change", "id: ")
    assert json.loads(data.removeprefix("data: ")) == {"topics": ["inbox", "conversation:4"]}
    stops.set()
    begun = time.monotonic()
    assert list(lines) == []
    assert time.monotonic() - begun < 2
    assert feed.listener_count == 0


def test_a_full_house_answers_with_a_moment_to_come_again(agent, feed, monkeypatch):
    monkeypatch.setattr(feed, "_most", 0)
    answer = agent.get("/stream", headers={"Accept": "text/event-stream"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize(
    ("topic", "data", "expected"),
    [
        ("conversation", {"id": 9, "number": 12}, ("inbox", "conversation:12")),
        ("conversation", {"id": 9, "number": 12, "contact_id": 5}, ("inbox", "conversation:12", "case:5")),
        ("conversation", {}, ("inbox",)),
        ("account", {"id": 1}, ("accounts",)),
        ("undelivered", {}, ("undelivered",)),
    ],
)
def test_entries_become_the_topics_that_pages_name(topic, data, expected):
    assert topics_of(topic, data) == expected
