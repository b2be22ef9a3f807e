"""Promises about reading, kept against a real Dovecot: nothing is lost, nothing is doubled, nothing depends on flags."""

import imaplib
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.imap_smtp import IMAPConnection
from plugins.mailbox import arrivals, troubles
from plugins.mailbox.reading import MOST_BYTES, MOST_MESSAGES, source_key
from plugins.mailbox.tests.accounts import (
    collected,
    connected,
    create_account,
    create_channel,
    create_mail,
    fetched,
    subjects,
)
from tidings import ChannelError, NeedsReauth, Permanent, Temporary

FOREVER = datetime(2000, 1, 1, tzinfo=UTC)


def test_what_lay_there_before_is_left_alone_and_what_comes_is_fetched_in_order(mail_user):
    mail_user.deliver(create_mail(1))
    account = connected(create_account(mail_user))
    for number in (2, 3, 4):
        mail_user.deliver(create_mail(number))

    events, account = fetched(create_channel(account), account)

    assert subjects(events) == ["Mail 2", "Mail 3", "Mail 4"]
    assert events[0].payload == create_mail(2)
    assert fetched(create_channel(account), account) == ([], account)


def test_mail_that_was_read_on_a_phone_is_fetched_all_the_same(mail_user):
    account = connected(create_account(mail_user))
    mail_user.deliver(create_mail(1))
    with imaplib.IMAP4("127.0.0.1", mail_user.server.port) as phone:
        phone.login(mail_user.address, mail_user.password)
        phone.select("INBOX")
        phone.store("1", "+FLAGS", "\\Seen")

    events, _ = fetched(create_channel(account), account)

    assert subjects(events) == ["Mail 1"]


def test_mail_that_came_since_the_account_was_saved_is_fetched_at_the_first_look(mail_user):
    account = create_account(mail_user)
    channel = create_channel(account)
    append(mail_user, create_mail(1), days_ago=400)

    arrivals.note_saved(channel._host, account.id, is_new=True)
    mail_user.deliver(create_mail(2))
    events, account = fetched(channel, account)

    assert subjects(events) == ["Mail 2"]
    assert fetched(channel, account)[0] == []


def test_batches_are_small_and_say_how_far_they_are(mail_user):
    account = connected(create_account(mail_user))
    for number in range(MOST_MESSAGES * 2 + 3):
        mail_user.deliver(create_mail(number))

    batches = list(create_channel(account).fetch(account))

    assert [len(batch.events) for batch in batches] == [MOST_MESSAGES, MOST_MESSAGES, 3]
    assert [batch.progress for batch in batches] == ["INBOX: 25 of 53 messages", "INBOX: 50 of 53 messages", ""]


def test_large_mails_fill_a_batch_sooner(mail_user):
    account = connected(create_account(mail_user))
    for number in range(3):
        mail_user.deliver(create_mail(number, body="x" * 70 + "\r\n" + "y" * (MOST_BYTES // 2)))

    sizes = [len(batch.events) for batch in create_channel(account).fetch(account)]

    assert sizes == [2, 1]


def test_a_message_too_large_comes_as_its_header_with_a_word_about_the_rest(mail_user):
    account = connected(create_account(mail_user))
    mail_user.deliver(create_mail(1, body="x\r\n" * 500_000))
    mail_user.deliver(create_mail(2))
    channel = create_channel(account, max_mb="1")

    events, _ = fetched(channel, account)
    (large,), (small,) = (channel.translate(account, event) for event in events)

    assert len(events[0].payload) < 1000
    assert (large.subject, large.sender.value) == ("Mail 1", "ada@mail.example.org")
    assert "1.5 MB" in large.text
    assert "INBOX" in large.text
    assert large.defects == (large.text,)
    assert small.text.strip() == "Hello"


def test_a_renumbered_folder_loses_nothing_and_keeps_old_mail_out(own_dovecot):
    own_dovecot.add_user("help@example.test")
    user = _User(own_dovecot, "help@example.test", "secret")
    append(user, create_mail(1), days_ago=1)
    account = connected(create_account(user))
    own_dovecot.deliver(user.address, create_mail(2))
    known, account = fetched(create_channel(account), account)
    own_dovecot.deliver(user.address, create_mail(3))
    own_dovecot.renumber(user.address)

    events, account = fetched(create_channel(account), account)

    assert subjects(known) == ["Mail 2"]
    assert sorted(subjects(events)) == ["Mail 2", "Mail 3"]
    assert not {event.source_key for event in events} & {event.source_key for event in known}
    assert fetched(create_channel(account), account) == ([], account)
    own_dovecot.deliver(user.address, create_mail(4))
    assert subjects(fetched(create_channel(account), account)[0]) == ["Mail 4"]


def test_a_scan_that_was_cut_off_goes_on_where_it_stopped(own_dovecot):
    own_dovecot.add_user("help@example.test")
    user = _User(own_dovecot, "help@example.test", "secret")
    account = connected(create_account(user))
    for number in range(60):
        own_dovecot.deliver(user.address, create_mail(number))
    _, account = fetched(create_channel(account), account)
    own_dovecot.renumber(user.address)

    first = next(iter(create_channel(account).fetch(account)))
    rest, account = fetched(create_channel(account), replace(account, cursor=first.cursor))

    assert sorted(subjects([*first.events, *rest])) == sorted(f"Mail {number}" for number in range(60))
    assert "since" in first.cursor["INBOX"]
    assert "since" not in account.cursor["INBOX"]


def test_a_mailbox_restored_from_a_snapshot_goes_on_with_new_mail(own_dovecot, tmp_path):
    own_dovecot.add_user("help@example.test")
    user = _User(own_dovecot, "help@example.test", "secret")
    account = connected(create_account(user))
    channel = create_channel(account)
    own_dovecot.deliver(user.address, create_mail(1))
    first, account = fetched(channel, account)
    maildir = own_dovecot.root / "mail" / user.address
    subprocess.run(["cp", "-a", maildir, tmp_path / "snapshot"], check=True)
    for number in (2, 3):
        own_dovecot.deliver(user.address, create_mail(number))
    lost, account = fetched(channel, account)
    own_dovecot.stop()
    shutil.rmtree(maildir)
    subprocess.run(["cp", "-a", tmp_path / "snapshot", maildir], check=True)
    own_dovecot.start()
    own_dovecot.deliver(user.address, create_mail(4))

    events, account = fetched(channel, account)

    assert "Mail 4" in subjects(events)
    assert not {event.source_key for event in events} & {event.source_key for event in [*first, *lost]}
    assert fetched(channel, account) == ([], account)
    backfilled, _ = collected(channel.backfill(account, FOREVER), account)
    assert backfilled == events


def test_a_folder_that_is_added_later_begins_at_its_end(mail_user):
    account = create_account(mail_user)
    channel = create_channel(account)
    arrivals.note_saved(channel._host, account.id, is_new=True)
    _, account = fetched(channel, account)
    mail_user.deliver(create_mail(1), mailbox="Archive")
    account = replace(account, settings={**account.settings, "folders": "inbox\nArchive"})

    events, account = fetched(channel, account)
    mail_user.deliver(create_mail(2), mailbox="Archive")

    assert events == []
    assert subjects(fetched(channel, account)[0]) == ["Mail 2"]


def test_a_connection_that_breaks_is_temporary_and_what_came_before_is_kept(mail_user, create_proxy):
    proxy = create_proxy(mail_user.server.port)
    account = connected(create_account(mail_user, imap_port=proxy.port))
    for number in range(100):
        mail_user.deliver(create_mail(number, body="x" * 60_000))

    proxy.cut_after(4_000_000)
    events, account, trouble = read_until_trouble(create_channel(account), account)
    rest, _ = fetched(create_channel(account), account)

    assert isinstance(trouble, Temporary)
    assert 0 < len(events) < 100
    assert sorted(subjects([*events, *rest])) == sorted(f"Mail {number}" for number in range(100))


def test_a_folder_of_five_thousand_is_fetched_in_bounded_time_and_memory(mail_user):
    account = connected(create_account(mail_user))
    for number in range(5000):
        mail_user.deliver(create_mail(number))
    channel = create_channel(account)

    started = time.monotonic()
    largest = seen = 0
    for batch in channel.fetch(account):
        seen += len(batch.events)
        largest = max(largest, len(batch.events))
        account = replace(account, cursor=batch.cursor)
    elapsed = time.monotonic() - started
    started = time.monotonic()
    again = list(channel.fetch(account))

    assert (seen, largest, again) == (5000, MOST_MESSAGES, [])
    assert elapsed < 60
    assert time.monotonic() - started < 2


def test_a_missing_folder_does_not_keep_the_others_from_being_read(mail_user):
    account = connected(create_account(mail_user, folders="INBOX\nGone\nArchive"))
    mail_user.deliver(create_mail(1))
    mail_user.deliver(create_mail(2), mailbox="Archive")
    channel = create_channel(account)

    events, _, trouble = read_until_trouble(channel, account)

    assert trouble is None
    assert subjects(events) == ["Mail 1", "Mail 2"]
    assert list(troubles.folder_troubles(channel._host, account.id)) == ["Gone"]


def test_a_first_folder_that_is_missing_stops_the_account_after_the_others_were_read(mail_user):
    account = create_account(mail_user, folders="Gone\nINBOX")
    account = replace(account, cursor=connected(create_account(mail_user)).cursor)
    mail_user.deliver(create_mail(1))

    events, _, trouble = read_until_trouble(create_channel(account), account)

    assert isinstance(trouble, Permanent)
    assert subjects(events) == ["Mail 1"]


def test_several_folders_keep_a_place_each(mail_user):
    account = connected(create_account(mail_user, folders="INBOX\nArchive"))
    mail_user.deliver(create_mail(1))
    mail_user.deliver(create_mail(2), mailbox="Archive")

    events, account = fetched(create_channel(account), account)

    assert subjects(events) == ["Mail 1", "Mail 2"]
    assert len({event.source_key for event in events}) == 2
    assert fetched(create_channel(account), account)[0] == []
    only_one = replace(account, settings={**account.settings, "folders": "Archive"})
    mail_user.deliver(create_mail(3), mailbox="Archive")
    assert list(fetched(create_channel(account), only_one)[1].cursor) == ["Archive"]


def test_backfill_gives_what_arrived_since_a_date_under_the_same_keys(mail_user):
    account = create_account(mail_user)
    for number, days in ((1, 40), (2, 20), (3, 10)):
        append(mail_user, create_mail(number), days_ago=days)
    account = connected(account)
    channel = create_channel(account)

    since = collected(channel.backfill(account, datetime.now(UTC) - timedelta(days=20, minutes=1)), account)
    every = collected(channel.backfill(account, FOREVER), account)

    assert subjects(since[0]) == ["Mail 2", "Mail 3"]
    assert subjects(every[0]) == ["Mail 1", "Mail 2", "Mail 3"]
    assert since[0] == every[0][1:]
    assert since[1].cursor == account.cursor


def test_a_wrong_password_needs_the_owner(mail_user):
    account = replace(create_account(mail_user), secrets={"password": "wrong"})

    with pytest.raises(NeedsReauth):
        list(create_channel(account).fetch(account))
    with pytest.raises(NeedsReauth):
        create_channel(account).watch(account, threading.Event())


def test_a_server_that_is_away_is_temporary(mail_user):
    account = create_account(mail_user, imap_port=9)

    with pytest.raises(Temporary, match="refused the connection"):
        list(create_channel(account).fetch(account))


def test_watching_notices_at_once_and_stops_within_a_second(mail_user):
    account = connected(create_account(mail_user))
    channel = create_channel(account)
    stop = threading.Event()

    threading.Timer(0.5, lambda: mail_user.deliver(create_mail(1))).start()
    started = time.monotonic()
    assert channel.watch(account, stop)
    noticed_s = time.monotonic() - started - 0.5
    _, account = fetched(channel, account)
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    assert not channel.watch(account, stop)
    stopped_s = time.monotonic() - started - 0.5

    assert noticed_s < 2
    assert stopped_s < 1


def test_watching_does_not_sleep_over_mail_that_came_before_it_began(mail_user):
    account = connected(create_account(mail_user))
    mail_user.deliver(create_mail(1))

    started = time.monotonic()
    assert create_channel(account).watch(account, threading.Event())
    assert time.monotonic() - started < 2


def test_a_connection_that_breaks_after_a_long_quiet_is_a_reason_to_look(mail_user, create_proxy, monkeypatch):
    proxy = create_proxy(mail_user.server.port)
    account = connected(create_account(mail_user, imap_port=proxy.port))
    threading.Timer(1, proxy.cut).start()
    with pytest.raises(Temporary):
        create_channel(account).watch(account, threading.Event())

    monkeypatch.setattr("plugins.mailbox.channel.SOON_S", 0.5)
    threading.Timer(1, proxy.cut).start()

    assert create_channel(account).watch(account, threading.Event())


def test_watching_asks_where_the_server_cannot_tell(dovecot_without_idle):
    dovecot_without_idle.add_user("help@example.test")
    user = _User(dovecot_without_idle, "help@example.test", "secret")
    account = connected(create_account(user))
    channel = create_channel(account)
    channel.poll_interval_s = 1

    threading.Timer(0.5, lambda: dovecot_without_idle.deliver(user.address, create_mail(1))).start()

    assert channel.watch(account, threading.Event())
    assert subjects(fetched(channel, account)[0]) == ["Mail 1"]


def test_watching_several_folders_looks_at_the_others_in_between(mail_user):
    account = connected(create_account(mail_user, folders="INBOX\nArchive"))
    channel = create_channel(account)
    channel.poll_interval_s = 1
    mail_user.deliver(create_mail(1), mailbox="Archive")

    assert channel.watch(account, threading.Event())
    assert subjects(fetched(channel, account)[0]) == ["Mail 1"]


def test_a_mailbox_that_is_delivered_to_is_neither_fetched_nor_watched(mail_user, monkeypatch):
    monkeypatch.setattr(IMAPConnection, "open", lambda self: pytest.fail("it was connected to"))
    account = create_account(mail_user, receive_by="delivered")
    stop = threading.Event()
    stop.set()
    channel = create_channel(account)

    assert list(channel.fetch(account)) == list(channel.backfill(account, FOREVER)) == []
    assert not channel.watch(account, stop)


def test_a_source_key_fits_the_journal_however_long_a_folder_is_called():
    keys = {source_key("x" * 400, 1, 2), source_key("x" * 400, 1, 3), source_key("x" * 399 + "y", 1, 2)}

    assert len(keys) == 3
    assert max(map(len, keys)) < 320


class _User:
    """A mailbox on a server of the test's own, with what `mail_user` has."""

    def __init__(self, server, address, password):
        self.server, self.address, self.password = server, address, password


def append(user, raw, *, days_ago):
    """Put in a mail that reached the server some days ago."""
    date = imaplib.Time2Internaldate(datetime.now(UTC) - timedelta(days=days_ago))
    with imaplib.IMAP4("127.0.0.1", user.server.port) as other:
        other.login(user.address, user.password)
        other.append("INBOX", None, date, raw)


def read_until_trouble(channel, account):
    """What came, how far the account was read, and what ended it."""
    events = []
    try:
        for batch in channel.fetch(account):
            events.extend(batch.events)
            account = replace(account, cursor=batch.cursor)
    except ChannelError as error:
        return events, account, error
    return events, account, None
