"""Promises of the hooks: signatures, copies in the Sent folder, panels, what is counted and what is forgotten."""

import imaplib
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import plugins.mailbox as mailbox
from plugins.mailbox import arrivals
from plugins.mailbox.signature import with_signature
from plugins.mailbox.tests.accounts import NOTHING_LISTENS, create_account, create_host, create_mail
from plugins.mailbox.tests.test_sending import MESSAGE
from tidings import AccountSaved, Closing, ConversationSummary, DeliveryFailed, MessageSummary

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
COPY = b"Message-ID: <t.abcd.efgh@example.test>\r\n" + create_mail(1)


def sent(account_id=1, raw_sha256="abc"):
    conversation = ConversationSummary(7, 12, "Lamp", "open", "mailbox", 1, 3, "Ada", "ada@example.com", NOW)
    return MessageSummary(
        9,
        conversation,
        "outbound",
        "normal",
        MESSAGE.external_id,
        "Hi",
        False,
        False,
        False,
        raw_sha256,
        NOW,
        account_id,
    )


def run_jobs(host):
    for job in mailbox.register_jobs(host):
        job.run()


def copies(user):
    """The mails of the Sent folder with the line ends they came with."""
    return [raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for raw in user.messages("Sent")]


# ---- signatures
def test_the_accounts_own_signature_takes_the_place_of_the_letterheads():
    message = with_signature(replace(MESSAGE, signature=Closing("Lumen", "<b>Lumen</b>")), "Lea <3\nExample Ltd")

    assert message.signature == Closing("Lea <3\nExample Ltd")
    assert message.text == MESSAGE.text


def test_automatic_messages_and_other_accounts_go_without(mail_user):
    account = create_account(mail_user, signature="Lea")
    host = create_host(account)

    assert mailbox.filter_outbound(host, MESSAGE, account).signature.text == "Lea"
    assert mailbox.filter_outbound(host, MESSAGE, replace(account, plugin="webform")) is None
    assert with_signature(replace(MESSAGE, is_automatic=True), "Lea").signature == Closing()
    assert with_signature(MESSAGE, "") is MESSAGE


# ---- copies
def test_a_copy_is_put_into_the_sent_folder_once(mail_user):
    host = create_host(create_account(mail_user, sent_copy="append"))
    host.raw["abc"] = COPY

    mailbox.message_sent(host, sent())
    mailbox.message_sent(host, sent())

    assert copies(mail_user) == [COPY]


@pytest.mark.parametrize("settings", [{"sent_copy": "server"}, {"sent_copy": "none"}, {"receive_by": "delivered"}])
def test_no_copy_is_put_there_unless_the_settings_say_so(mail_user, settings):
    host = create_host(create_account(mail_user, **{"sent_copy": "append", **settings}))
    host.raw["abc"] = COPY

    mailbox.message_sent(host, sent())
    mailbox.message_sent(host, sent(account_id=99))
    mailbox.message_sent(host, sent(raw_sha256=None))

    assert copies(mail_user) == []


def test_a_copy_that_could_not_be_kept_is_tried_again(mail_user):
    account = create_account(mail_user, sent_copy="append")
    host = create_host(replace(account, settings={**account.settings, "imap_port": NOTHING_LISTENS}))
    host.raw["abc"] = COPY
    mailbox.message_sent(host, sent())
    run_jobs(host)
    assert copies(mail_user) == []

    host.put_account(account)
    run_jobs(host)
    run_jobs(host)

    assert copies(mail_user) == [COPY]


def test_copies_for_a_full_mailbox_wait_are_shown_and_are_let_go_after_some_days(create_limited_user):
    """Dovecot refuses them with OVERQUOTA; what is small still fits."""
    user = create_limited_user(quota="20k")
    account = create_account(user, sent_copy="append")
    host = create_host(account)
    host.raw["large"] = create_mail(1, body="x" * 50_000)
    host.raw["small"] = b"Message-ID: <small@example.test>\r\n\r\nHello\r\n"
    mailbox.message_sent(host, sent(raw_sha256="large"))

    (row,) = copy_rows(host, account)
    assert row[0] == "Copies that the server refuses so far"
    assert row[1].startswith("1; the last one: ")
    assert "uota" in row[1]
    mailbox.message_sent(host, replace(sent(raw_sha256="small"), external_id="small@example.test"))
    assert len(user.messages("Sent")) == 1

    host.clock.tick(2 * 86_400)
    run_jobs(host)
    assert [label for label, _ in copy_rows(host, account)] == [row[0]]
    host.clock.tick(86_400 + 60)
    run_jobs(host)

    assert [label for label, _ in copy_rows(host, account)] == ["Copies that could not be kept"]
    assert host.store.get("copies_to_keep", []) == []


def test_a_refused_copy_is_kept_once_there_is_room(create_limited_user):
    user = create_limited_user(quota="20k")
    account = create_account(user, sent_copy="append")
    host = create_host(account)
    host.raw["abc"] = COPY + b"x" * 9_000
    with imap_of(user) as imap:
        imap.append("INBOX", None, None, b"Subject: Full\r\n\r\n" + b"x" * 15_000)
    mailbox.message_sent(host, sent())
    assert len(copy_rows(host, account)) == 1

    with imap_of(user) as imap:
        imap.select("INBOX")
        imap.store("1", "+FLAGS", "\\Deleted")
        imap.expunge()
    run_jobs(host)
    assert len(copy_rows(host, account)) == 1, "what was refused is not tried again at once"
    host.clock.tick(3_700)
    run_jobs(host)

    assert copy_rows(host, account) == []
    assert len(user.messages("Sent")) == 1


def copy_rows(host, account):
    rows = mailbox.account_panels(host, account)[0].rows
    return [row for row in rows if row[0].startswith("Copies that")]


@contextmanager
def imap_of(user):
    with imaplib.IMAP4("127.0.0.1", user.server.port) as imap:
        imap.login(user.address, user.password)
        yield imap


# ---- what is remembered
def test_the_moment_of_connecting_is_kept_when_settings_change_later(mail_user):
    account = create_account(mail_user)
    host = create_host(account)
    mailbox.account_saved(host, AccountSaved(1, is_new=True))
    connected_at = arrivals.start_of(host, 1)
    host.clock.tick(1000)

    mailbox.account_saved(host, AccountSaved(1, is_new=False))

    assert connected_at is not None
    assert arrivals.start_of(host, 1) == connected_at
    assert arrivals.start_of(host, 2) is None


def test_what_is_remembered_of_a_removed_account_is_forgotten(mail_user):
    host = create_host(create_account(mail_user))
    mailbox.account_saved(host, AccountSaved(1, is_new=True))
    mailbox.delivery_failed(host, DeliveryFailed(sent(), "550 no such user"))
    removed = create_host()
    removed.store = host.store

    run_jobs(removed)

    assert host.store.values == {arrivals.KEY: {}}


# ---- panels
def rows(panels):
    return {panel.title: dict(panel.rows) for panel in panels}


def test_the_page_of_an_account_shows_how_far_it_was_read_and_what_could_not_leave(mail_user):
    account = create_account(mail_user, folders="INBOX\nArchive", sent_copy="append")
    place = {"uidvalidity": 1, "uid": 40, "began_at": NOW.isoformat(), "newest_at": NOW.isoformat()}
    account = replace(account, cursor={"INBOX": place}, secrets={})
    host = create_host(account)
    mailbox.delivery_failed(host, DeliveryFailed(sent(), "550 no such user"))
    mailbox.delivery_failed(host, DeliveryFailed(sent(account_id=99), "not ours"))

    shown = rows(mailbox.account_panels(host, account))

    assert shown["Mailbox"]["Address"] == mail_user.address
    assert shown["Mailbox"]["Could not be sent"] == "1; the last one: 550 no such user"
    assert shown["Folders"] == {"INBOX": "read up to UID 40", "Archive": "not read yet"}
    assert "Deliver straight in" not in shown


def test_the_page_of_an_account_says_where_to_deliver(mail_user):
    account = create_account(mail_user, receive_by="delivered")

    shown = rows(mailbox.account_panels(create_host(account, listen="lmtp://:2424"), account))
    mistaken = rows(mailbox.account_panels(create_host(account, listen="2424"), account))

    assert shown["Deliver straight in"]["Server"] == "lmtp://127.0.0.1:2424"
    assert "Folders" not in shown
    assert "must look like" in mistaken["Deliver straight in"]["Problem"]
