"""Promises of the outbox when something is broken: nothing is sent twice or forgotten, and nobody waits for somebody else's trouble."""

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.errors import Conflict
from app.jobs import worker
from app.jobs.outbox import MOST_PER_ACCOUNT, Outbox
from app.models import ChannelAccount, DeliveryState, EventState, InboundEvent, Message
from app.plugin_api.errors import NeedsReauth, Permanent, Temporary
from app.plugin_api.messages import RawEvent, SendReceipt
from app.services import accounts, replies, undelivered
from app.services.core import SYSTEM, writing
from app.services.delivery import LEASE, deliver, due_accounts, due_messages, keep_leases
from app.services.journal import record_events
from app.services.replies import NewFile, ReplyDraft
from tests.integration.core.mails import create_mail


@pytest.fixture
def ada(create_agent):
    return create_agent("Ada")


@pytest.fixture
def send(core, monkeypatch):
    """Return a function that puts another `send` at the border to the provider; without one everything is taken."""

    def replace_send(function):
        monkeypatch.setattr(core.plugins.channels["mailbox"], "send", function)

    replace_send(lambda account, message: SendReceipt(message.external_id))
    return replace_send


@pytest.fixture
def create_reply(core, clock, ada, create_account, receive_mail):
    """Return a factory of due replies: `create_reply()` gives the message's id."""
    made = iter(range(1, 1000))
    mailbox = create_account("mailbox", address="help@example.com")

    def create(account_id=mailbox, **draft):
        number = next(made)
        received = receive_mail(create_mail(message_id=f"{number}@x.org", body=f"Question {number}"), account_id)
        message_id = replies.reply(core, ada, received.conversation_id, ReplyDraft(f"Answer {number}", **draft))
        with writing(core) as unit:
            unit.connection.execute(update(Message).where(Message.id == message_id).values(due_at=unit.now))
        return message_id

    return create


def state_of(core, message_id):
    return core.session.get(Message, message_id, populate_existing=True)


def wait_until(is_so, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_account_that_hangs_holds_up_no_other(tidings_app, core, create_account, create_reply, send):
    hanging, lively = (create_account("mailbox", address=f"{name}@example.com") for name in ("dead", "alive"))
    for _ in range(5):
        create_reply(hanging)
    last = create_reply(lively)
    release, hung = threading.Event(), []

    def hang_or_send(account, message):
        if account.id == hanging:
            hung.append(message.message_id)
            release.wait(30)
        return SendReceipt(message.external_id)

    send(hang_or_send)
    outbox = Outbox(tidings_app, core)
    try:
        outbox.look()
        wait_until(lambda: core.session.rollback() or state_of(core, last).delivery_state == DeliveryState.SENT)
        wait_until(lambda: len(hung) == MOST_PER_ACCOUNT)
        outbox.look()
        time.sleep(0.2)
        assert len(hung) == MOST_PER_ACCOUNT
    finally:
        release.set()
        wait_until(lambda: not due_accounts(core))
        outbox.stop()
    assert len(hung) == len(set(hung)) == 5


def test_an_outbox_that_is_stopped_begins_nothing_more(tidings_app, core, create_reply, send):
    create_reply()
    outbox = Outbox(tidings_app, core)
    outbox.stop()
    outbox.look()

    time.sleep(0.3)
    assert len(due_messages(core)) == 1


def test_a_message_whose_file_is_gone_fails_with_a_sentence(core, create_reply, send, monkeypatch):
    message_id = create_reply(files=[NewFile("a.pdf", "application/pdf", b"%PDF")])
    monkeypatch.setattr(type(core.files), "get", lambda self, sha256: (_ for _ in ()).throw(FileNotFoundError(sha256)))

    assert deliver(core, message_id) == DeliveryState.FAILED
    assert "missing" in state_of(core, message_id).last_error


@pytest.mark.parametrize(
    "answer",
    [None, "sent", SendReceipt(None), SendReceipt(7), SendReceipt("", refused=["ada"]), SendReceipt("", raw="text")],
    ids=repr,
)
def test_a_receipt_that_is_none_counts_as_sent_and_is_never_sent_again(core, clock, create_reply, send, answer):
    sent = []
    send(lambda account, message: sent.append(message) or answer)
    message_id = create_reply()

    assert deliver(core, message_id) == DeliveryState.SENT
    clock.advance(hours=1)
    assert due_messages(core) == []
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("wish_of", "expected"),
    [
        (lambda now: now.replace(tzinfo=None), timedelta(seconds=20)),
        (lambda now: "tomorrow", timedelta(seconds=20)),
        (lambda now: now - timedelta(days=1), timedelta(seconds=20)),
        (lambda now: now + timedelta(hours=1), timedelta(hours=1)),
        (lambda now: now + timedelta(days=4000), timedelta(days=1)),
    ],
    ids=["naive", "a text", "passed", "sensible", "years away"],
)
def test_the_moment_a_provider_asks_for_is_kept_when_it_is_sensible(core, clock, create_reply, send, wish_of, expected):
    def refuse(account, message):
        raise Temporary("come back later", retry_at=wish_of(clock.now()))

    send(refuse)
    message_id = create_reply()

    assert deliver(core, message_id) == DeliveryState.QUEUED
    pause = state_of(core, message_id).due_at - clock.now()
    assert abs(pause - expected) <= expected * 0.2


def test_a_provider_that_asks_for_a_short_pause_all_day_does_not_use_up_the_attempts(core, clock, create_reply, send):
    def be_away(account, message):
        raise Temporary("come back in a moment", retry_at=clock.now() + timedelta(seconds=37))

    send(be_away)
    message_id = create_reply()
    until = clock.now() + timedelta(days=1)
    while clock.now() < until:
        deliver(core, message_id)
        clock.advance(seconds=(state_of(core, message_id).due_at - clock.now()).total_seconds())
    assert state_of(core, message_id).delivery_state == DeliveryState.QUEUED


@pytest.mark.parametrize("reason", ["550 no\0such user", "550 caf\udce9", "x" * 5000], ids=["NUL", "half", "long"])
def test_any_reason_can_be_written_down(core, create_reply, send, reason):
    def refuse(account, message):
        raise Permanent(reason)

    send(refuse)
    message_id = create_reply()

    assert deliver(core, message_id) == DeliveryState.FAILED
    assert state_of(core, message_id).last_error


def test_nothing_leaves_through_a_paused_account_until_it_is_resumed(core, create_agent, create_reply, send):
    admin = create_agent("Root", role="admin")
    message_id = create_reply()
    account_id = state_of(core, message_id).account_id
    accounts.pause_account(core, admin, account_id)

    assert due_messages(core) == []
    assert due_accounts(core) == {}
    assert deliver(core, message_id) is None

    accounts.resume_account(core, admin, account_id)
    assert deliver(core, message_id) == DeliveryState.SENT


def test_a_refused_sign_in_is_not_counted_against_the_message(core, clock, create_agent, create_reply, send):
    def refuse(account, message):
        raise NeedsReauth("password refused")

    admin = create_agent("Root", role="admin")
    message_id = create_reply()
    send(refuse)
    deliver(core, message_id)
    clock.advance(days=30)
    assert due_messages(core) == []

    send(lambda account, message: SendReceipt(message.external_id))
    accounts.resume_account(core, admin, state_of(core, message_id).account_id)

    assert due_messages(core) == [message_id]
    assert deliver(core, message_id) == DeliveryState.SENT
    assert state_of(core, message_id).attempts == 1


def test_what_waited_for_a_broken_account_leaves_as_soon_as_it_works(core, clock, create_agent, create_reply, send):
    def refuse(account, message):
        raise Temporary("away")

    send(refuse)
    message_id = create_reply()
    for _ in range(6):
        deliver(core, message_id)
        clock.advance(hours=1)
    deliver(core, message_id)
    assert due_messages(core) == []

    accounts.resume_account(core, create_agent("Root", role="admin"), state_of(core, message_id).account_id)

    assert due_messages(core) == [message_id]


def test_an_account_whose_secrets_cannot_be_read_stops_and_keeps_its_messages(core, create_reply, send):
    message_id = create_reply()
    with writing(core) as unit:
        unit.connection.execute(update(ChannelAccount).values(secrets="sealed with a key that was lost"))

    assert deliver(core, message_id) == DeliveryState.QUEUED
    account = core.session.scalars(select(ChannelAccount)).one()
    assert account.state == "needs_reauth"
    assert "secret.key" in account.last_error


def test_a_message_that_may_have_left_cannot_be_taken_back(core, ada, create_reply, send):
    def refuse(account, message):
        raise Temporary("the connection broke after the last byte")

    send(refuse)
    message_id = create_reply()
    deliver(core, message_id)
    replies.retry(core, ada, message_id)

    with pytest.raises(Conflict):
        replies.undo(core, ada, message_id)


def test_that_a_message_was_sent_is_written_down_after_trouble_with_the_storage(core, create_reply, send, monkeypatch):
    put, troubles = type(core.files).put, [OSError("disk full"), OSError("disk full")]

    def put_at_last(self, data):
        if troubles:
            raise troubles.pop()
        return put(self, data)

    send(lambda account, message: SendReceipt(message.external_id, raw=b"mail"))
    message_id = create_reply()
    monkeypatch.setattr(type(core.files), "put", put_at_last)
    monkeypatch.setattr("app.services.delivery.time.sleep", lambda seconds: None)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert state_of(core, message_id).raw_sha256


def test_what_takes_long_to_send_is_not_taken_up_by_another(core, clock, create_reply, send):
    message_id = create_reply()
    seen = []

    def send_slowly(account, message):
        clock.advance(minutes=4)
        keep_leases(core, [message.message_id])
        clock.advance(minutes=4)
        seen.append(due_messages(core))
        return SendReceipt(message.external_id)

    send(send_slowly)

    assert deliver(core, message_id) == DeliveryState.SENT
    assert seen == [[]]


def test_a_lease_from_a_wrong_clock_is_not_waited_for(core, clock, create_reply, send):
    message_id = create_reply()
    with writing(core) as unit:
        held = {
            "delivery_state": "sending",
            "lease_owner": "elsewhere:1",
            "leased_until": unit.now + timedelta(days=400),
        }
        unit.connection.execute(update(Message).where(Message.id == message_id).values(**held))

    assert due_messages(core) == [message_id]
    with writing(core) as unit:
        unit.connection.execute(update(Message).where(Message.id == message_id).values(leased_until=unit.now + LEASE))
    assert due_messages(core) == []


def test_an_event_that_nobody_can_process_does_not_keep_the_next_ones(core, clock, create_account, monkeypatch):
    account_id = create_account("mailbox", address="help@example.com")
    mails = [create_mail(message_id=f"{n}@x.org", body=f"Mail {n}").encode() for n in range(3)]
    first, *others = record_events(core, account_id, [RawEvent(mail) for mail in mails])
    process = worker.process_event

    def fail_on_first(core, event_id):
        if event_id == first:
            raise ZeroDivisionError
        return process(core, event_id)

    monkeypatch.setattr(worker, "process_event", fail_on_first)
    worker.sweep(core)

    states = {key: state for key, state in core.session.execute(select(InboundEvent.id, InboundEvent.state))}
    assert states == {first: EventState.RECEIVED, **{event_id: EventState.PROCESSED for event_id in others}}
    monkeypatch.setattr(worker, "process_event", process)
    clock.advance(minutes=6)
    worker.sweep(core)
    assert core.session.get(InboundEvent, first, populate_existing=True).state == EventState.PROCESSED


def test_an_account_that_was_written_through_cannot_be_removed(core, create_agent, create_account, create_reply, ada):
    other = create_account("mailbox", address="sales@example.com")
    conversation_id = state_of(core, create_reply()).conversation_id
    replies.reply(core, ada, conversation_id, ReplyDraft("From elsewhere", account_id=other))

    with pytest.raises(Conflict, match="history"):
        accounts.delete_account(core, SYSTEM, other)


def test_an_account_whose_mail_waits_in_the_tray_cannot_be_removed(core, create_account, receive_mail):
    account_id = create_account("mailbox", address="help@example.com")
    event_id = receive_mail(b"", account_id).event_id

    with pytest.raises(Conflict, match="Undelivered"):
        accounts.delete_account(core, SYSTEM, account_id)
    undelivered.discard_event(core, SYSTEM, event_id)
    accounts.delete_account(core, SYSTEM, account_id)
    assert core.session.scalars(select(ChannelAccount)).all() == []


def test_a_filter_cannot_change_which_message_is_sent(core, create_reply, send, monkeypatch):
    sent = []
    send(lambda account, message: sent.append(message) or SendReceipt(message.external_id))
    filter_value = core.plugins.dispatcher.filter

    def filter_badly(hook, value, **values):
        value = filter_value(hook, value, **values)
        return (
            replace(value, external_id="another", message_id=0, created_at=datetime.min)
            if "outbound" in hook
            else value
        )

    monkeypatch.setattr(core.plugins.dispatcher, "filter", filter_badly)
    message_id = create_reply()
    fixed = state_of(core, message_id).external_id
    deliver(core, message_id)

    assert (sent[0].message_id, sent[0].external_id) == (message_id, fixed)
