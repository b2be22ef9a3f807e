"""Promises of the pollers: each account is polled by one process, and the trouble of one is not the trouble of another."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.jobs.pollers import Pollers
from app.models import ChannelAccount, Message
from app.plugin_api.channel import Capability
from app.plugin_api.errors import Temporary
from app.plugin_api.messages import FetchBatch, RawEvent
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.fetch_wishes import wish_for_fetch
from app.services.fetching import LEASE, claim_account, keep_claims, note_trouble, release_account
from tests.integration.core.mails import create_mail

ELSEWHERE = "another-host:17"


class Provider:
    """Stands at the process border: what the mail servers have for each account."""

    def __init__(self):
        self.fetches, self.watches = [], []
        self.mails = {}

    def fetch(self, account):
        self.fetches.append(account.id)
        seen = int(account.cursor.get("seen", 0))
        mails = self.mails.get(account.id, [])
        if isinstance(mails, BaseException):
            raise mails
        if len(mails) > seen:
            events = tuple(RawEvent(mail.encode(), source_key=str(n)) for n, mail in enumerate(mails[seen:], seen))
            yield FetchBatch(events, {"seen": len(mails)})

    def watch(self, account, stop):
        self.watches.append(account.id)
        return not stop.wait(30)


@pytest.fixture
def provider(core, monkeypatch):
    provider = Provider()
    monkeypatch.setattr(core.plugins.channels["mailbox"], "fetch", provider.fetch)
    monkeypatch.setattr(core.plugins.channels["mailbox"], "watch", provider.watch)
    return provider


@pytest.fixture
def pollers(tidings_app, core, provider):
    pollers = Pollers(tidings_app, core)
    yield pollers
    pollers.stop()


@pytest.fixture
def create_mailbox(create_account):
    return lambda name: create_account("mailbox", address=f"{name}@example.com", name=name)


def wait_until(is_so, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def account(core, account_id):
    core.session.rollback()
    return core.session.get(ChannelAccount, account_id, populate_existing=True)


def change(core, account_id, **values):
    with writing(core) as unit:
        unit.connection.execute(update(ChannelAccount).where(ChannelAccount.id == account_id).values(**values))


def test_what_is_fetched_is_in_the_inbox_and_the_cursor_is_kept(core, pollers, provider, create_mailbox):
    account_id = create_mailbox("help")
    provider.mails[account_id] = [create_mail(message_id=f"{n}@x.org", body=f"Mail {n}") for n in range(3)]

    pollers.look()
    wait_until(lambda: provider.watches)

    assert account(core, account_id).cursor == {"seen": 3}
    assert len(core.session.scalars(select(Message.id)).all()) == 3


def test_an_account_whose_secrets_cannot_be_read_stops_alone(core, pollers, provider, create_mailbox):
    broken, sound = create_mailbox("broken"), create_mailbox("sound")
    change(core, broken, secrets="sealed with a key that was lost")

    pollers.look()
    wait_until(lambda: sound in provider.watches)

    assert account(core, broken).state == "needs_reauth"
    assert "secret.key" in account(core, broken).last_error
    assert broken not in provider.fetches


@pytest.mark.parametrize("trouble", [Temporary("away"), ZeroDivisionError(), SystemExit(1)], ids=repr)
def test_trouble_is_written_down_and_waited_for(core, clock, pollers, provider, create_mailbox, trouble):
    account_id = create_mailbox("help")
    provider.mails[account_id] = trouble
    pollers.look()
    wait_until(lambda: account(core, account_id).last_error and not account(core, account_id).lease_owner)

    pollers.look()
    assert provider.fetches == [account_id]
    provider.mails[account_id] = []
    clock.advance(minutes=20)
    wait_until(lambda: pollers.look() or provider.watches)
    assert account(core, account_id).failures == 0


def test_a_moment_that_makes_no_sense_is_not_waited_for(core, clock, create_mailbox):
    account_id = create_mailbox("help")
    for wish in (clock.now().replace(tzinfo=None), clock.now() + timedelta(days=9000)):
        note_trouble(core, account_id, Temporary("away", retry_at=wish))
        assert account(core, account_id).next_attempt_at <= clock.now() + timedelta(days=1)


def test_one_process_polls_an_account_until_its_lease_is_over(core, clock, create_mailbox):
    account_id = create_mailbox("help")
    assert claim_account(core, account_id, ELSEWHERE) is not None

    assert claim_account(core, account_id, "here:1") is None
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert keep_claims(core, ELSEWHERE) == {account_id}
    clock.advance(seconds=30)
    assert claim_account(core, account_id, "here:1") is None
    clock.advance(seconds=LEASE.total_seconds())
    assert claim_account(core, account_id, "here:1") is not None
    assert keep_claims(core, ELSEWHERE) == set()
    release_account(core, account_id, ELSEWHERE)
    assert account(core, account_id).lease_owner == "here:1"


def test_a_lease_from_a_wrong_clock_is_not_waited_for(core, clock, create_mailbox):
    account_id = create_mailbox("help")
    clock.advance(days=30)
    claim_account(core, account_id, ELSEWHERE)
    clock.advance(days=-30)

    assert claim_account(core, account_id, "here:1") is not None


def test_a_process_that_lost_its_lease_stops_polling(core, clock, pollers, provider, create_mailbox, monkeypatch):
    account_id = create_mailbox("help")
    pollers.look()
    wait_until(lambda: provider.watches)
    change(core, account_id, lease_owner=ELSEWHERE)
    monkeypatch.setattr("app.jobs.pollers._KEEP_EVERY", 1)

    pollers.look()
    wait_until(lambda: not any(poller.thread.is_alive() for poller in pollers._running.values()))

    pollers.look()
    assert account(core, account_id).lease_owner == ELSEWHERE
    assert provider.fetches == [account_id]


def test_an_account_removed_while_it_is_fetched_ends_quietly(core, pollers, provider, create_mailbox, monkeypatch):
    account_id = create_mailbox("help")

    def fetch_and_lose(one):
        accounts.delete_account(core, SYSTEM, account_id)
        yield FetchBatch((RawEvent(create_mail().encode()),), {"seen": 1})

    monkeypatch.setattr(core.plugins.channels["mailbox"], "fetch", fetch_and_lose)
    pollers.look()
    wait_until(lambda: not any(poller.thread.is_alive() for poller in pollers._running.values()))

    pollers.look()
    assert pollers._running == {}
    assert core.session.scalars(select(Message.id)).all() == []


@pytest.fixture
def waits_long(core, monkeypatch):
    """The mailbox as a channel that cannot wait for news and is asked once in a long while."""
    channel = core.plugins.channels["mailbox"]
    monkeypatch.setattr(channel, "capabilities", channel.capabilities - {Capability.WATCH}, raising=False)
    monkeypatch.setattr(channel, "poll_interval_s", 300, raising=False)


def test_an_account_that_is_wished_for_is_fetched_before_its_turn(core, pollers, provider, create_mailbox, waits_long):
    account_id, other_id = create_mailbox("help"), create_mailbox("sales")
    pollers.look()
    wait_until(lambda: len(provider.fetches) == 2)

    wish_for_fetch(core, account_id)
    pollers.look()
    wait_until(lambda: len(provider.fetches) == 3)
    pollers.look()
    time.sleep(0.2)

    assert sorted(provider.fetches) == sorted([account_id, account_id, other_id])


def test_wishes_during_a_fetch_are_one_more_fetch(core, pollers, provider, create_mailbox, waits_long, monkeypatch):
    account_id = create_mailbox("help")
    is_fetching, may_end = threading.Event(), threading.Event()

    def fetch_slowly(one):
        is_fetching.set()
        may_end.wait(20)
        yield from provider.fetch(one)

    monkeypatch.setattr(core.plugins.channels["mailbox"], "fetch", fetch_slowly)
    pollers.look()
    assert is_fetching.wait(20)
    for _ in range(5):
        wish_for_fetch(core, account_id)
        pollers.look()
    may_end.set()
    wait_until(lambda: len(provider.fetches) == 2)
    time.sleep(0.2)

    assert provider.fetches == [account_id, account_id]
