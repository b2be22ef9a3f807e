"""Promises about talking to the provider: fetching and sending. Webhooks and the provider's troubles are beside this file."""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from app.plugin_api.channel import Capability
from app.plugin_api.messages import FetchBatch, RawEvent, SendReceipt
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["FetchPromises", "SendPromises", "read_all"]

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WATCH_S = 30.0


class FetchPromises(ChannelSubject):
    """Reading with a cursor, waiting for news, reading from a date on."""

    @applies(Capability.FETCH)
    def test_fetching_again_from_the_stored_cursor_gives_nothing_new(self) -> None:
        self.arrive()
        events, cursor = read_all(self.channel.fetch(self.account))
        assert events, "nothing was fetched although a message waits"
        keys = source_keys(events)
        again, cursor = read_all(self.channel.fetch(self.with_cursor(cursor)), cursor)
        assert not source_keys(again) - keys, "what was fetched already came again under another source_key"
        self.arrive()
        later, _ = read_all(self.channel.fetch(self.with_cursor(cursor)))
        assert source_keys(later) - keys, "a message that arrived later was not fetched"

    @applies(Capability.FETCH)
    def test_fetched_events_have_a_place_of_their_own_and_can_be_read(self) -> None:
        self.arrive()
        self.arrive()
        events, cursor = read_all(self.channel.fetch(self.account))
        assert len(events) >= 2, "two messages wait and fewer came"
        assert len(source_keys(events)) == len(events), "two events have the same source_key"
        assert json.loads(json.dumps(cursor)) == cursor, "the cursor does not survive being stored as JSON"
        for event in events:
            assert self.messages_of(event), "a fetched event gives no message"

    @applies(Capability.FETCH)
    def test_fetching_twice_stores_once(self) -> None:
        """The second time as after a crash: the events were stored, the cursor was not."""
        self.arrive()
        self.arrive()
        stored: list[set[str]] = []
        for _ in range(2):
            for event in read_all(self.channel.fetch(self.account))[0]:
                self.host.receive(self.account.id, event)
            stored.append(source_keys(event for _, event in self.host.received))
        assert len(stored[0]) >= 2, "two messages wait and fewer came"
        assert stored[0] == stored[1], "what was fetched again is stored again"

    @applies(Capability.FETCH)
    def test_an_interrupted_fetch_loses_nothing(self) -> None:
        """Only the first batch is stored; reading goes on from its cursor."""
        self.arrive()
        self.arrive()
        every, _ = read_all(self.channel.fetch(self.account))
        first = next(batch for batch in self.channel.fetch(self.account) if batch.events)
        rest, _ = read_all(self.channel.fetch(self.with_cursor(first.cursor)))
        assert source_keys(every) <= source_keys((*first.events, *rest)), "messages are lost when a fetch is cut off"

    @applies(Capability.BACKFILL)
    def test_backfill_gives_the_same_events_under_the_same_keys(self) -> None:
        self.arrive()
        fetched, _ = read_all(self.channel.fetch(self.account))
        filled, _ = read_all(self.channel.backfill(self.account, LONG_AGO))
        assert source_keys(fetched) <= source_keys(filled), "what was fetched comes again under another source_key"

    @applies(Capability.WATCH)
    def test_watching_ends_when_told_to(self) -> None:
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        started = time.monotonic()
        assert not self.channel.watch(self.account, stop), "watch() says that something is new"
        assert time.monotonic() - started < WATCH_S, "watch() does not look at `stop`"

    @applies(Capability.WATCH)
    def test_watching_notices_what_arrives(self) -> None:
        stop = threading.Event()
        _, cursor = read_all(self.channel.fetch(self.account))
        arrival = threading.Timer(1.0, self.arrive)
        limit = threading.Timer(WATCH_S, stop.set)
        arrival.start()
        limit.start()
        try:
            assert self.channel.watch(self.with_cursor(cursor), stop), "a message arrived unnoticed"
        finally:
            limit.cancel()
            arrival.join()


class SendPromises(ChannelSubject):
    """Handing messages to the provider."""

    @applies(Capability.SEND)
    def test_sending_gives_a_receipt(self) -> None:
        receipt = self.channel.send(self.account, self.create_message(self.account))
        assert isinstance(receipt, SendReceipt), "send() gives a SendReceipt"
        assert receipt.external_id, "the receipt does not say under which id the provider has the message"
        assert not receipt.refused, f"a recipient was refused: {dict(receipt.refused)}"

    @applies(Capability.BEGIN)
    def test_a_first_message_is_sent(self) -> None:
        """To somebody who has not written: there is no exchange yet that it could answer."""
        message = replace(self.create_message(self.account), thread_key=None, in_reply_to=None, references=())
        receipt = self.channel.send(self.account, message)
        assert receipt.external_id, "the receipt does not say under which id the provider has the message"

    @applies(Capability.SEND, overrides="sent_count")
    def test_sending_again_is_safe(self) -> None:
        message = self.create_message(self.account)
        self.channel.send(self.account, message)
        assert self.sent_count(message) == 1, "the message did not get there"
        again = replace(message, attempt=2)
        if not self.channel.was_sent(self.account, again):  # the host asks after an attempt whose end it does not know
            self.channel.send(self.account, again)
        assert self.sent_count(message) == 1, "a repeated attempt sent the message twice"

    @applies(Capability.SEND, overrides="answer_event")
    def test_the_answer_to_what_was_sent_finds_its_way_back(self) -> None:
        thread_key = next((one.thread_key for one in self.sample_messages()), None)
        message = replace(self.create_message(self.account), thread_key=thread_key)
        receipt = self.channel.send(self.account, message)
        (answer,) = self.messages_of(self.answer_event(message, receipt))
        named = {answer.in_reply_to, *answer.references} & {message.external_id, receipt.external_id}
        assert named or (thread_key and answer.thread_key == thread_key), "the answer opens another exchange"

    @applies(Capability.BEGIN, overrides="answer_event")
    def test_the_answer_to_a_first_message_finds_it(self) -> None:
        message = replace(self.create_message(self.account), thread_key=None, in_reply_to=None, references=())
        receipt = self.channel.send(self.account, message)
        (answer,) = self.messages_of(self.answer_event(message, receipt))
        is_named = {answer.in_reply_to, *answer.references} & {message.external_id, receipt.external_id}
        is_known = answer.thread_key is not None and answer.thread_key == receipt.thread_key
        assert is_named or is_known, "the answer opens another exchange: say its thread_key in the receipt"

    @applies(Capability.SEND, differs="was_sent")
    def test_what_was_sent_can_be_told(self) -> None:
        message = self.create_message(self.account)
        assert not self.channel.was_sent(self.account, message), "was_sent() says yes before anything was sent"
        self.channel.send(self.account, message)
        assert self.channel.was_sent(self.account, message), "was_sent() does not find what was sent"


def read_all(batches: Iterable[FetchBatch], cursor: object = None) -> tuple[list[RawEvent], dict[str, object]]:
    """Every event, and the cursor of the last batch (`cursor` when there was no batch)."""
    events: list[RawEvent] = []
    reached = dict(cursor) if isinstance(cursor, dict) else {}
    for batch in batches:
        events.extend(batch.events)
        reached = dict(batch.cursor)
    return events, reached


def source_keys(events: Iterable[RawEvent]) -> set[str]:
    """The places of fetched events; an event without one cannot be told from its copy."""
    keys = set()
    for event in events:
        assert event.source_key, "a fetched event has no source_key"
        keys.add(event.source_key)
    return keys
