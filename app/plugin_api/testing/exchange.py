"""Promises about talking to the provider: fetching, webhooks, sending, and what happens when the provider is in trouble."""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.errors import BadSignature, NeedsReauth, Permanent, Temporary
from app.plugin_api.messages import FetchBatch, RawEvent, SendReceipt
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["FaultPromises", "FetchPromises", "SendPromises", "WebhookPromises"]

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
            assert list(self.channel.translate(self.account, event)), "a fetched event gives no message"

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


class WebhookPromises(ChannelSubject):
    """Requests of the provider, and of those who pretend to be it."""

    @applies(Capability.WEBHOOK)
    def test_a_signed_request_is_taken_and_can_be_read(self) -> None:
        request = self.signed_request()
        self.channel.verify_webhook(self.account, request)
        reply = self.channel.receive_webhook(self.account, request)
        assert 200 <= reply.status < 300, f"the provider is told {reply.status}"
        assert reply.events, "nothing is kept of the request"
        assert [one for event in reply.events for one in self.channel.translate(self.account, event)], "it says nothing"

    @applies(Capability.WEBHOOK)
    def test_a_request_that_was_changed_is_refused(self) -> None:
        request = self.signed_request()
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(self.account, replace(request, body=request.body + b" "))

    @applies(Capability.WEBHOOK)
    def test_a_request_without_a_signature_is_refused(self) -> None:
        kept = {"content-type": "application/json"}
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(self.account, replace(self.signed_request(), headers=kept, query={}))

    @applies(Capability.WEBHOOK)
    def test_a_request_signed_with_another_secret_is_refused(self) -> None:
        request = self.signed_request()
        assert self.account.secrets, "webhooks are verified with a secret, and the account has none"
        other = replace(self.account, secrets={key: f"{value}x" for key, value in self.account.secrets.items()})
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(other, request)
        with pytest.raises(BadSignature):
            self.channel.verify_webhook(replace(self.account, secrets={}), request)

    @applies(Capability.WEBHOOK)
    def test_a_replayed_request_gives_the_same_messages(self) -> None:
        request = self.signed_request()
        first, again = (
            [
                (message.external_id, message.content_key)
                for event in self.channel.receive_webhook(self.account, request).events
                for message in self.channel.translate(self.account, event)
            ]
            for _ in range(2)
        )
        assert first == again, "a request that is sent twice would be stored twice"


class SendPromises(ChannelSubject):
    """Handing messages to the provider."""

    @applies(Capability.SEND)
    def test_sending_gives_a_receipt(self) -> None:
        receipt = self.channel.send(self.account, self.create_message(self.account))
        assert isinstance(receipt, SendReceipt), "send() gives a SendReceipt"
        assert receipt.external_id, "the receipt does not say under which id the provider has the message"
        assert not receipt.refused, f"a recipient was refused: {dict(receipt.refused)}"

    @applies(Capability.SEND, overrides="sent_count")
    def test_sending_again_is_safe(self) -> None:
        message = self.create_message(self.account)
        self.channel.send(self.account, message)
        assert self.sent_count(message) == 1, "the message did not get there"
        self.channel.send(self.account, replace(message, attempt=2))
        assert self.sent_count(message) == 1, "a repeated attempt sent the message twice"

    @applies(Capability.SEND, differs="was_sent")
    def test_what_was_sent_can_be_told(self) -> None:
        message = self.create_message(self.account)
        assert not self.channel.was_sent(self.account, message), "was_sent() says yes before anything was sent"
        self.channel.send(self.account, message)
        assert self.channel.was_sent(self.account, message), "was_sent() does not find what was sent"


class FaultPromises(ChannelSubject):
    """What the provider's troubles become in the host's words."""

    @applies(fault="expired_credential")
    def test_an_expired_credential_needs_its_owner(self) -> None:
        with self.fault("expired_credential"), pytest.raises(NeedsReauth):
            self._use_provider()

    @applies(fault="expired_credential")
    def test_an_expired_credential_shows_when_the_connection_is_tested(self) -> None:
        with self.fault("expired_credential"):
            report = self.channel.test_connection(self.account)
        assert not report.is_ok, "the connection is said to work"
        assert report.problem, "the report does not say what to do"

    @applies(fault="server_trouble")
    def test_trouble_of_the_server_is_temporary(self) -> None:
        with self.fault("server_trouble"), pytest.raises(Temporary):
            self._use_provider()

    @applies(fault="rate_limited")
    def test_a_rate_limit_says_when_to_come_back(self) -> None:
        with self.fault("rate_limited"), pytest.raises(Temporary) as caught:
            self._use_provider()
        assert caught.value.retry_at is not None, "the provider's wish is lost"
        assert caught.value.retry_at.utcoffset() == timedelta(0), "retry_at is not in UTC"

    @applies(Capability.SEND, fault="refused")
    def test_a_refused_message_is_permanent(self) -> None:
        with self.fault("refused"), pytest.raises(Permanent) as caught:
            self.channel.send(self.account, self.create_message(self.account))
        assert caught.value.reason.strip(), "agents are not told why"

    def _use_provider(self) -> None:
        if Capability.FETCH in self.channel_class.capabilities:
            read_all(self.channel.fetch(self.account))
        else:
            self.channel.send(self.account, self.create_message(self.account))


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
