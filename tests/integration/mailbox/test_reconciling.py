"""Real mailboxes are compared with a real server: what never came is found and fetched, and what is here is recognised."""

import imaplib
import os
import resource
import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.jobs.reconciling import Reconciler
from app.models import ChannelAccount, EventState, InboundEvent, Message, Reconciliation
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.fetching import account_of, fetch_account
from app.services.reconciling import claim_comparison, reconcile, wish_for
from app.testing.servers.fixtures import MailUser

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MANY = 50_000


def write_mail(number, text="", message_id=""):
    lines = (
        "From: Ada <ada@mail.example.org>",
        f"Subject: Mail {number}",
        f"Message-ID: <{message_id or number}@mail.example.org>",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text or f"This is mail {number}.",
        "",
    )
    return "\r\n".join(lines).encode()


class Desk:
    """An installation with one mailbox, which is read and compared when a test says so."""

    def __init__(self, core, clock, account_id, user) -> None:
        self.core, self.clock, self.account_id, self.user = core, clock, account_id, user
        self.read()

    def read(self):
        fetch_account(self.core, account_of(self.core, self.account_id))

    def deliver(self, *numbers, mailbox="INBOX"):
        for number in numbers:
            self.user.deliver(write_mail(number), mailbox=mailbox)

    def compare(self, **wish):
        """Half an hour later, when everything that is on its way has come."""
        self.clock.advance(minutes=30)
        wish_for(self.core, SYSTEM, self.account_id, **wish)
        reconcile(self.core, claim_comparison(self.core, self.account_id, "host:1"))
        return self.result()

    def result(self):
        self.core.session.rollback()
        return self.core.session.get_one(Reconciliation, self.account_id, populate_existing=True)

    def subjects(self):
        self.core.session.rollback()
        return list(self.core.session.scalars(select(Message.subject).order_by(Message.id)))

    def events(self, **where):
        self.core.session.rollback()
        return self.core.session.scalar(select(func.count()).select_from(InboundEvent).filter_by(**where))

    def skip_to_end(self):
        """Move the cursor behind everything, as if the events of what came had never been written."""
        with imaplib.IMAP4("127.0.0.1", self.user.server.port) as imap:
            imap.login(self.user.address, self.user.password)
            imap.select("INBOX", readonly=True)
            uidnext = int(imap.response("UIDNEXT")[1][0])
        with writing(self.core) as unit:
            row = unit.session.get_one(ChannelAccount, self.account_id)
            row.cursor = {**row.cursor, "INBOX": {**row.cursor["INBOX"], "uid": uidnext - 1}}


@pytest.fixture
def open_desk(core, clock, connect):
    """Return a function that connects a mailbox and reads it for the first time."""
    return lambda user, **settings: Desk(core, clock, connect(user, **settings), user)


@pytest.fixture
def desk(open_desk, mail_user):
    return open_desk(mail_user)


def numbers(row):
    return row.on_server, row.here, row.missing, row.problem


def test_a_mail_whose_event_was_never_written_is_found_and_fetched(desk):
    desk.deliver(1, 2)
    desk.read()
    desk.deliver(3)
    desk.skip_to_end()
    desk.read()
    assert desk.subjects() == ["Mail 1", "Mail 2"]

    row = desk.compare()

    assert (numbers(row), row.repaired, row.gone) == ((3, 3, 0, ""), 1, 0)
    assert desk.subjects() == ["Mail 1", "Mail 2", "Mail 3"]
    assert row.places == [{"place": "INBOX", "on_server": 3, "here": 3, "missing": 0}]


def test_what_is_missing_is_named_until_somebody_fetches_it(desk, monkeypatch):
    monkeypatch.setattr("app.services.reconciling.MOST_REPAIRED_ALONE", 1)
    desk.deliver(1, 2)
    desk.skip_to_end()

    row = desk.compare()

    assert numbers(row) == (2, 0, 2, "")
    gap = row.gaps[1]
    assert (gap["place"], gap["sender"], gap["subject"]) == ("INBOX", "ada@mail.example.org", "Mail 2")
    assert gap["size"] == len(write_mail(2))
    assert numbers(desk.compare(repair=True)) == (2, 2, 0, "")
    assert desk.subjects() == ["Mail 1", "Mail 2"]


def test_what_lay_there_before_the_account_was_connected_does_not_count(core, desk, open_desk, create_mail_user):
    user = create_mail_user("late")
    user.deliver(write_mail(1))
    desk.clock.advance(hours=5)
    late = open_desk(user)

    assert numbers(late.compare()) == (0, 0, 0, "")

    accounts.start_backfill(core, SYSTEM, late.account_id, late.clock.now().replace(year=2020))
    late.read()
    late.skip_to_end()
    assert numbers(late.compare()) == (1, 1, 0, "")


def test_a_renumbered_folder_is_all_here_and_costs_no_content(core, open_desk, own_dovecot, monkeypatch):
    own_dovecot.add_user("help@example.test")
    desk = open_desk(MailUser(own_dovecot, "help@example.test", "secret"))
    desk.deliver(*range(300))
    desk.read()
    own_dovecot.stop()
    own_dovecot.renumber("help@example.test")
    own_dovecot.start()
    fetched = []
    monkeypatch.setattr(core.plugins.channels["mailbox"], "fetch_listed", lambda *_: iter(fetched.append(1) or ()))

    row = desk.compare()

    assert (numbers(row), row.gone, fetched) == ((300, 300, 0, ""), 0, [])
    assert (desk.events(state=EventState.PROCESSED), desk.events(state=EventState.DUPLICATE)) == (300, 300)
    desk.read()  # the poller notices, too, and finds everything written down
    assert (desk.events(), len(desk.subjects())) == (600, 300)


def test_a_mail_moved_between_folders_that_are_read_is_one_message(open_desk, mail_user):
    desk = open_desk(mail_user, folders="INBOX\nArchive")
    desk.deliver(1, 2)
    desk.read()
    with imaplib.IMAP4("127.0.0.1", mail_user.server.port) as imap:
        imap.login(mail_user.address, mail_user.password)
        imap.select("INBOX")
        imap.uid("MOVE", "1", "Archive")

    row = desk.compare()
    assert (numbers(row), row.gone) == ((2, 2, 0, ""), 0)
    desk.read()

    assert sorted(desk.subjects()) == ["Mail 1", "Mail 2"]
    assert [(place["place"], place["here"]) for place in row.places] == [("INBOX", 1), ("Archive", 1)]


def test_what_was_expunged_counts_as_gone(desk):
    desk.deliver(1, 2, 3)
    desk.read()
    with imaplib.IMAP4("127.0.0.1", desk.user.server.port) as imap:
        imap.login(desk.user.address, desk.user.password)
        imap.select("INBOX")
        imap.store("2", "+FLAGS", "\\Deleted")
        imap.expunge()

    row = desk.compare()

    assert (numbers(row), row.gone) == ((2, 2, 0, ""), 1)


def test_what_waits_under_undelivered_is_here(desk):
    desk.user.deliver(b"Subject: Nobody has sent this\r\n\r\nHello\r\n")
    desk.read()

    row = desk.compare()

    assert (numbers(row), row.undelivered, desk.subjects()) == ((1, 1, 0, ""), 1, [])


def test_a_reused_message_id_with_another_content_is_not_hidden(desk):
    desk.deliver(1)
    desk.read()
    desk.user.deliver(write_mail(2, "Something quite different.", message_id="1"))
    desk.skip_to_end()

    row = desk.compare()

    assert (numbers(row), row.repaired) == ((2, 2, 0, ""), 1)
    assert desk.subjects() == ["Mail 1", "Mail 2"]


def test_a_mail_that_comes_and_goes_while_it_is_compared_is_left_out(core, desk, monkeypatch):
    desk.deliver(1)
    desk.skip_to_end()
    channel = core.plugins.channels["mailbox"]
    describe = channel.describe

    def expunged_meanwhile(account, source_keys):
        desk.user.server.expunge_all(desk.user.address)
        return describe(account, source_keys)

    monkeypatch.setattr(channel, "describe", expunged_meanwhile)

    assert numbers(desk.compare()) == (0, 0, 0, "")


@pytest.mark.parametrize("after", [600, 3_000, 20_000])
def test_a_connection_cut_in_the_middle_is_a_problem_once(open_desk, mail_user, create_proxy, dovecot, after):
    proxy = create_proxy(dovecot.port)
    desk = open_desk(mail_user, imap_port=proxy.port)
    desk.deliver(*range(40))
    desk.skip_to_end()

    proxy.cut_after(after)
    cut = desk.compare(repair=True)
    assert cut.problem
    assert (cut.finished_at, cut.lease_owner) == (None, "")
    proxy.behave()
    whole = desk.compare(repair=True)

    assert numbers(whole) == (40, 40, 0, "")
    assert len(desk.subjects()) == 40


def test_a_server_that_refuses_the_sign_in_leaves_the_account_to_its_poller(core, desk, dovecot):
    dovecot.add_user(desk.user.address, "another")

    assert "uthentication" in desk.compare().problem
    assert core.session.get_one(ChannelAccount, desk.account_id, populate_existing=True).state == "active"


def test_two_workers_compare_an_account_once(tidings_app, core, desk, monkeypatch):
    desk.deliver(1, 2, 3)
    desk.skip_to_end()
    desk.clock.advance(minutes=30)
    channel, begun = core.plugins.channels["mailbox"], []
    inventory = channel.inventory

    def slowly(account):
        begun.append(threading.current_thread().name)
        time.sleep(0.5)
        return inventory(account)

    monkeypatch.setattr(channel, "inventory", slowly)
    workers = [Reconciler(tidings_app, core), Reconciler(tidings_app, core)]
    for number, worker in enumerate(workers):
        monkeypatch.setattr(worker, "_owner", f"elsewhere:{number}")
    wish_for(core, SYSTEM, desk.account_id)

    deadline = time.monotonic() + 60
    while desk.result().finished_at is None and time.monotonic() < deadline:
        for worker in workers:
            worker.look()
        time.sleep(0.1)
    for worker in workers:
        worker.stop()

    assert (numbers(desk.result()), len(begun)) == ((3, 3, 0, ""), 1)
    assert len(desk.subjects()) == 3


def test_an_account_whose_mail_is_delivered_to_us_has_nothing_to_compare(core, desk):
    account = account_of(core, desk.account_id)
    account = replace(account, settings={**account.settings, "receive_by": "delivered"})

    assert list(core.plugins.channels["mailbox"].inventory(account)) == []


@pytest.mark.slow
@on_sqlite
def test_fifty_thousand_messages_are_listed_quickly_and_none_is_read(core, clock, connect, mail_user):
    """All of them lay there before the account was connected; then all of them are said to count."""
    fill(mail_user, MANY)
    clock.advance(days=3)
    desk = Desk(core, clock, connect(mail_user), mail_user)
    assert (desk.subjects(), numbers(desk.compare())) == ([], (0, 0, 0, ""))
    channel, account = core.plugins.channels["mailbox"], account_of(core, desk.account_id)
    place = {**account.cursor["INBOX"], "began_at": "2020-01-01T00:00:00+00:00"}
    account = replace(account, cursor={"INBOX": place})

    began, before_kb = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    keys = {one.source_key for page in channel.inventory(account) for one in page}
    took_s, grown_mb = time.monotonic() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024

    assert len(keys) == MANY
    assert took_s < 20
    assert grown_mb < 150


def fill(user, count):
    """Put hard links to one mail of long ago into a maildir, as many as asked for."""
    user.deliver(write_mail(0))
    folder = user.server.root / "mail" / user.address / "new"
    (first,) = folder.iterdir()
    long_ago = time.time() - 400 * 86_400
    os.utime(first, (long_ago, long_ago))
    targets = [first]
    for number in range(1, count):
        if number % 20_000 == 0:  # few file systems allow more links to one file
            targets.append(folder / f"{number:06d}.copy")
            targets[-1].write_bytes(first.read_bytes())
            os.chown(targets[-1], first.stat().st_uid, first.stat().st_gid)
            os.utime(targets[-1], (long_ago, long_ago))
            continue
        os.link(targets[-1], folder / f"{number:06d}.tidings")
