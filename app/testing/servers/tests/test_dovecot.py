"""The IMAP server of the test kit keeps its promises to the tests that build on it."""

from __future__ import annotations

import imaplib
import smtplib
import socket

import pytest

from app.testing.servers import DovecotOptions, DovecotServer, SMTPServer
from app.testing.servers.fixtures import MailUser

AWAY = 'require ["vacation", "vacation-seconds"];\nvacation :seconds 0 "I am away until Monday.";'
MAIL = b"From: ada@example.test\r\nSubject: One\r\n\r\nHello\r\n"


def _login(server: DovecotServer, user: str, password: str = "secret") -> imaplib.IMAP4_SSL:
    client = imaplib.IMAP4_SSL("localhost", server.tls_port, ssl_context=server.client_context(), timeout=5)
    client.login(user, password)
    return client


def test_dovecot_shows_delivered_mail_to_its_user_only(dovecot: DovecotServer, create_mail_user) -> None:
    ada, ben = create_mail_user("ada"), create_mail_user("ben")
    ada.deliver(MAIL)

    assert _login(dovecot, ada.address).select("INBOX")[1] == [b"1"]
    assert _login(dovecot, ben.address).select("INBOX")[1] == [b"0"]


def test_dovecot_refuses_a_wrong_password(dovecot: DovecotServer, mail_user: MailUser) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        _login(dovecot, mail_user.address, "wrong")


def test_dovecot_removes_users_with_their_mail(dovecot: DovecotServer, mail_user: MailUser) -> None:
    mail_user.deliver(MAIL)
    dovecot.remove_user(mail_user.address)

    with pytest.raises(imaplib.IMAP4.error):
        _login(dovecot, mail_user.address)
    dovecot.add_user(mail_user.address)
    assert _login(dovecot, mail_user.address).select("INBOX")[1] == [b"0"]


def test_dovecot_returns_messages_in_order_of_arrival(mail_user: MailUser) -> None:
    for number in range(12):
        mail_user.deliver(b"Subject: %d\r\n\r\n" % number)

    assert mail_user.messages() == [b"Subject: %d\r\n\r\n" % number for number in range(12)]


@pytest.mark.slow
def test_dovecot_keeps_mail_port_and_users_when_killed_and_started(own_dovecot: DovecotServer) -> None:
    own_dovecot.add_user("ada@example.test")
    own_dovecot.deliver("ada@example.test", MAIL)
    port = own_dovecot.tls_port
    own_dovecot.kill()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)

    own_dovecot.start()

    assert _login(own_dovecot, "ada@example.test").select("INBOX")[1] == [b"1"]


@pytest.mark.slow
def test_dovecot_answers_nobody_while_paused(own_dovecot: DovecotServer) -> None:
    own_dovecot.add_user("ada@example.test")
    own_dovecot.pause()
    with socket.create_connection(("127.0.0.1", own_dovecot.port), 1) as sock, pytest.raises(TimeoutError):
        sock.recv(10)

    own_dovecot.resume()

    assert _login(own_dovecot, "ada@example.test")


@pytest.mark.slow
def test_dovecot_drops_sessions_but_lives_on(own_dovecot: DovecotServer) -> None:
    own_dovecot.add_user("ada@example.test")
    client = _login(own_dovecot, "ada@example.test")

    assert own_dovecot.drop_sessions() == 1
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
    assert _login(own_dovecot, "ada@example.test")


@pytest.mark.slow
def test_dovecot_changes_uidvalidity_when_renumbered(dovecot: DovecotServer, mail_user: MailUser) -> None:
    mail_user.deliver(MAIL)
    client = _login(dovecot, mail_user.address)
    client.select("INBOX")
    before = client.response("UIDVALIDITY")[1]
    client.logout()

    dovecot.renumber(mail_user.address)

    client = _login(dovecot, mail_user.address)
    client.select("INBOX")
    assert client.response("UIDVALIDITY")[1] != before


def test_dovecot_refuses_more_than_its_quota() -> None:
    with DovecotServer(DovecotOptions(quota="10k")) as server:
        server.add_user("ada@example.test")
        client = _login(server, "ada@example.test")
        status, answer = client.append("INBOX", "", None, MAIL + b"x" * 20_000)

    assert status == "NO"
    assert b"OVERQUOTA" in answer[0]


def test_dovecot_refuses_a_user_more_connections_than_allowed() -> None:
    with DovecotServer(DovecotOptions(most_connections=1)) as server:
        server.add_user("ada@example.test")
        first = _login(server, "ada@example.test")
        with pytest.raises(imaplib.IMAP4.error, match="Maximum number of connections"):
            _login(server, "ada@example.test")
        first.logout()


def test_dovecot_runs_sieve_scripts_on_what_comes_over_lmtp(smtp_server: SMTPServer) -> None:
    with DovecotServer(DovecotOptions(lmtp=True, submission=("127.0.0.1", smtp_server.port))) as server:
        server.add_user("ada@example.test")
        server.set_sieve("ada@example.test", AWAY)
        with smtplib.LMTP("127.0.0.1", server.lmtp_port) as client:
            mail = MAIL.replace(b"Subject", b"To: ada@example.test\r\nSubject")
            client.sendmail("ben@example.test", ["ada@example.test"], mail)
        (answer,) = smtp_server.wait_for(1)
        assert len(server.messages("ada@example.test")) == 1

    assert answer.recipients == ("ben@example.test",)
    assert answer.sender == ""
    assert b"Auto-Submitted: auto-replied (vacation)" in answer.raw
