"""Promises about the connection test: it names the half that fails, says why, and what to do about it."""

from dataclasses import replace

import pytest

from plugins.mailbox import checks
from plugins.mailbox.tests.accounts import NOTHING_LISTENS, create_account, create_channel
from tidings import Account


@pytest.fixture
def account(mail_user, create_smtp_server, dovecot) -> Account:
    smtp = create_smtp_server(users={mail_user.address: mail_user.password}, mailboxes=dovecot)
    return create_account(mail_user, smtp, sent_copy="append")


def check(account, **settings):
    """The failed steps as {name: sentence}."""
    changed = replace(account, settings={**account.settings, **settings})
    return {step.name: step.detail for step in create_channel().test_connection(changed).checks if not step.is_ok}


def test_a_working_account_says_what_it_found(account):
    report = create_channel().test_connection(account)

    assert report.is_ok
    assert [step.name for step in report.checks] == [checks.INCOMING, checks.FOLDERS, checks.SENT, checks.OUTGOING]
    assert "tells of new mail at once" in report.checks[0].detail


def test_a_wrong_password_fails_both_halves_with_the_providers_hint(account):
    wrong = replace(account, secrets={"password": "wrong"})

    failed = check(wrong, address="ada@gmail.com", username=account.address)

    assert set(failed) == {checks.INCOMING, checks.OUTGOING}
    assert all("make an app password" in detail for detail in failed.values())
    assert all("https://myaccount.google.com/apppasswords" in detail for detail in failed.values())
    assert "wrong" not in " ".join(failed.values())


@pytest.mark.parametrize(
    ("settings", "half", "words"),
    [
        ({"imap_host": "mail.invalid"}, checks.INCOMING, ("No server called mail.invalid", "spelling")),
        ({"imap_port": NOTHING_LISTENS}, checks.INCOMING, ("nothing listens", "993 with TLS")),
        ({"imap_security": "tls"}, checks.INCOMING, ("TLS", "143 with STARTTLS")),
        ({"imap_security": "starttls"}, checks.INCOMING, ("not trusted", "TIDINGS_PLUGIN_MAILBOX_CA_FILE")),
        ({"folders": "INBOX\nNowhere"}, checks.FOLDERS, ("Nowhere", "Archive")),
        ({"sent_folder": "Posted"}, checks.SENT, ("Posted", "Sent")),
        ({"smtp_host": "mail.invalid"}, checks.OUTGOING, ("No server called mail.invalid", "spelling")),
        ({"smtp_port": NOTHING_LISTENS}, checks.OUTGOING, ("nothing listens", "587 with STARTTLS")),
        ({"smtp_security": "tls"}, checks.OUTGOING, ("TLS", "465 with TLS")),
        ({"smtp_security": "starttls"}, checks.OUTGOING, ("no STARTTLS",)),
        ({"smtp_host": ""}, checks.OUTGOING, ("No outgoing server",)),
    ],
)
def test_the_half_that_fails_is_named_with_a_way_out(account, settings, half, words):
    failed = check(account, **settings)

    assert list(failed) == [half]
    assert all(word in failed[half] for word in words), failed[half]


def test_a_server_that_says_nothing_is_not_waited_for_long(account, create_proxy, monkeypatch):
    proxy = create_proxy(int(account.settings["imap_port"]))
    proxy.be_silent()
    monkeypatch.setattr(checks, "TEST_TIMEOUT_S", 0.5)

    assert "did not answer in time" in check(account, imap_port=proxy.port)[checks.INCOMING]


def test_a_certificate_of_ones_own_is_trusted_once_its_file_is_named(account, dovecot):
    encrypted = {"imap_host": "localhost", "imap_port": dovecot.tls_port, "imap_security": "tls"}
    changed = replace(account, settings={**account.settings, **encrypted})

    trusting = create_channel(ca_file=str(dovecot.certificate.certificate))
    assert trusting.test_connection(changed).is_ok
    assert "not trusted" in check(account, **encrypted)[checks.INCOMING]
    mistaken = create_channel(ca_file="/nowhere/ca.pem").test_connection(changed)
    assert "/nowhere/ca.pem" in mistaken.problem


def test_a_mailbox_that_is_delivered_to_needs_the_listener(account):
    delivered = replace(account, settings={**account.settings, "receive_by": "delivered"})

    assert create_channel(listen="lmtp://127.0.0.1:2424").test_connection(delivered).is_ok
    assert "TIDINGS_PLUGIN_MAILBOX_LISTEN" in create_channel().test_connection(delivered).problem


def test_the_return_address_is_tried(mail_user, smtp_server):
    account = create_account(mail_user, smtp_server, return_address="plus")
    local, _, domain = account.address.partition("@")
    good = create_channel().test_connection(account)
    smtp_server.refuse_sender(f"{local}+b-{'a' * 26}@{domain}", text="5.7.1 Not yours")
    bad = create_channel().test_connection(account)

    assert (good.is_ok, good.checks[-1].name) == (True, "What comes back")
    assert "5.7.1 Not yours" in bad.problem
    assert smtp_server.messages == []
