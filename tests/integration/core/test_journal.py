"""Promises of the journal towards those who process it: nobody does the work of somebody who is at it, and nothing waits for ever."""

import errno
from dataclasses import replace

import pytest

from app.errors import NotFound
from app.files import FileStore
from app.models import InboundEvent
from app.plugin_api.messages import RawEvent
from app.services.core import SYSTEM
from app.services.intake import accept, process_event, receive
from app.services.journal import due_events, record_events
from app.services.undelivered import raw_event
from tests.integration.core.mails import create_mail
from tests.integration.web.visitor import counted_queries


def test_who_processes_events_at_once_is_neither_woken_for_them_nor_overtaken_by_the_sweep(core, clock, create_account):
    woken = []
    watched = replace(core, wake=lambda task, identifier, delay_s=0: woken.append(identifier))
    account_id = create_account("mailbox", address="help@example.com")
    event = RawEvent(create_mail().encode(), source_key="INBOX:1:1", content_type="message/rfc822")

    [event_id] = record_events(watched, account_id, [event], is_processed_here=True)

    assert woken == []
    assert due_events(core) == []
    clock.advance(seconds=6)
    assert due_events(core) == [event_id]


def test_events_that_wait_for_the_worker_are_due_at_once_and_wake_it(core, create_account):
    woken = []
    watched = replace(core, wake=lambda task, identifier, delay_s=0: woken.append((task, identifier)))
    account_id = create_account("mailbox", address="help@example.com")
    event = RawEvent(create_mail().encode(), source_key="INBOX:1:1", content_type="message/rfc822")

    [event_id] = record_events(watched, account_id, [event])

    assert woken == [("process", event_id)]
    assert due_events(core) == [event_id]


def test_a_mail_from_somebody_new_takes_few_statements(core, tidings_app, receive_mail, create_account):
    receive_mail(create_mail())
    account_id = create_account("mailbox", address="more@example.com")
    mail = create_mail(message_id="2@mail.example.org", sender="Ben <ben@mail.example.org>").encode()
    [event_id] = record_events(
        core, account_id, [RawEvent(mail, content_type="message/rfc822")], is_processed_here=True
    )

    with counted_queries(tidings_app) as statements:
        assert process_event(core, event_id).state == "new"

    assert len([one for one in statements if not one.startswith("BEGIN")]) <= 22, "\n".join(statements)


def test_places_that_no_database_can_hold_are_kept_and_stay_different(core, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    keys = ["m:1", "m:1\0", "m:\ud8001", "m:\ud9001", "\0" * 500]
    events = [RawEvent(b"x", source_key=key, content_type="text/plain\0\udc00") for key in keys]

    assert len(record_events(core, account_id, events)) == len(keys)
    assert record_events(core, account_id, events) == []


def test_short_bytes_that_somebody_waited_for_are_filed_when_they_are_processed(core, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    payload = create_mail().encode()
    received = accept(core, account_id, RawEvent(payload, content_type="message/rfc822"), plugin="mailbox")
    row = core.session.get(InboundEvent, received.event_id)
    assert (row.payload, row.size) == (payload, len(payload))
    assert raw_files(core) == 0
    assert raw_event(core, SYSTEM, received.event_id) == (payload, "message/rfc822")

    assert process_event(core, received.event_id).state == "new"

    core.session.expire_all()
    row = core.session.get(InboundEvent, received.event_id)
    assert row.payload is None
    assert core.files.get(row.payload_sha256) == payload


def test_many_bytes_are_filed_at_once(core, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    payload = create_mail(text="x" * 70_000).encode()
    received = accept(core, account_id, RawEvent(payload, content_type="message/rfc822"))
    row = core.session.get(InboundEvent, received.event_id)
    assert row.payload is None
    assert core.files.get(row.payload_sha256) == payload


def test_bytes_that_cannot_be_filed_wait_in_the_journal(core, create_account, clock, monkeypatch):
    account_id = create_account("mailbox", address="help@example.com")
    event = RawEvent(create_mail().encode(), content_type="message/rfc822")
    received = accept(core, account_id, event)
    with monkeypatch.context() as full:
        full.setattr(FileStore, "put", raising(OSError(errno.ENOSPC, "No space left on device")))
        for _ in range(10):
            assert process_event(core, received.event_id).state == "queued"
    row = core.session.get(InboundEvent, received.event_id)
    assert (row.payload, row.state) == (event.payload, "received")
    assert row.reason == "Its bytes cannot be stored: No space left on device."
    clock.advance(seconds=2)
    assert due_events(core) == [received.event_id]
    assert process_event(core, received.event_id).state == "new"


def test_nothing_is_stored_for_an_account_of_another_plugin(core, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    event = RawEvent(create_mail().encode(), content_type="message/rfc822")
    for take in (accept, receive):
        with pytest.raises(NotFound):
            take(core, account_id, event, plugin="webform")
    assert core.session.query(InboundEvent).count() == 0


def raising(error):
    def put(_store, _data):
        raise error

    return put


def raw_files(core) -> int:
    return len(core.files._fs.find(core.files._root))
