"""The SMTP server of the test kit receives mail, checks logins and misbehaves to order."""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Callable

import pytest

from app.testing.servers import DovecotServer, SMTPServer
from app.testing.servers.tokens import TokenAuthority

MAIL = b"From: ada@example.test\r\nSubject: One\r\n\r\nHello\r\n.dot\r\n"


def _client(server: SMTPServer) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", server.port, local_hostname="test", timeout=5)


def test_smtp_server_keeps_what_it_receives(smtp_server: SMTPServer) -> None:
    with _client(smtp_server) as client:
        client.sendmail("ada@example.test", ["ben@example.test", "eve@example.test"], MAIL)

    (mail,) = smtp_server.wait_for(1)
    assert (mail.sender, mail.recipients, mail.raw) == (
        "ada@example.test",
        ("ben@example.test", "eve@example.test"),
        MAIL,
    )


def test_smtp_server_delivers_into_mailboxes(create_smtp_server, dovecot: DovecotServer, mail_user) -> None:
    server = create_smtp_server(mailboxes=dovecot)
    with _client(server) as client:
        client.sendmail("ada@example.test", [mail_user.address, "stranger@example.test"], MAIL)

    assert mail_user.messages() == [MAIL]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_smtp_server_wants_the_right_password(create_smtp_server: Callable[..., SMTPServer], mechanism: str) -> None:
    server = create_smtp_server(security="starttls", users={"ada": "secret"})
    with _client(server) as client:
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("ada@example.test", ["ben@example.test"], MAIL)
        client.starttls(context=server.certificate.client_context())
        client.ehlo()
        client.user, client.password = "ada", "wrong"
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        client.password = "secret"
        client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
        client.sendmail("ada@example.test", ["ben@example.test"], MAIL)

    assert server.messages[0].username == "ada"
    assert server.messages[0].is_encrypted


def test_smtp_server_takes_tokens_until_they_are_revoked(create_smtp_server: Callable[..., SMTPServer]) -> None:
    tokens = TokenAuthority()
    tokens.accept("t0ken", "ada@example.test")
    server = create_smtp_server(security="tls", tokens=tokens)
    login = base64.b64encode(b"user=ada@example.test\1auth=Bearer t0ken\1\1").decode()

    def log_in() -> int:
        context = server.certificate.client_context()
        with smtplib.SMTP_SSL("localhost", server.port, context=context, local_hostname="test", timeout=5) as client:
            client.ehlo()
            code = client.docmd("AUTH", f"XOAUTH2 {login}")[0]
            return client.docmd("")[0] if code == 334 else code

    assert log_in() == 235
    tokens.revoke("t0ken")
    assert log_in() == 535


def test_smtp_server_refuses_whom_it_is_told_to(smtp_server: SMTPServer) -> None:
    smtp_server.refuse_recipient("ben@example.test", code=451, text="4.2.1 Later", times=1)
    with _client(smtp_server) as client:
        refused = client.sendmail("ada@example.test", ["ben@example.test", "eve@example.test"], MAIL)
        assert refused == {"ben@example.test": (451, b"4.2.1 Later")}
        assert client.sendmail("ada@example.test", ["ben@example.test"], MAIL) == {}


def test_smtp_server_cuts_after_data_but_keeps_the_message(smtp_server: SMTPServer) -> None:
    smtp_server.cut_after_data()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _client(smtp_server).sendmail("ada@example.test", ["ben@example.test"], MAIL)

    assert len(smtp_server.wait_for(1)) == 1


def test_smtp_server_hides_extensions(create_smtp_server: Callable[..., SMTPServer]) -> None:
    server = create_smtp_server(hidden_extensions=["8BITMIME", "SMTPUTF8"], size_limit=1000)
    with _client(server) as client:
        client.ehlo()
        assert set(client.esmtp_features) == {"size", "help"}
        assert client.esmtp_features["size"] == "1000"


def test_smtp_server_starts_again_on_the_same_port(smtp_server: SMTPServer) -> None:
    port = smtp_server.port
    smtp_server.stop()
    with pytest.raises(OSError, match="refused"):
        _client(smtp_server)

    smtp_server.start()

    assert smtp_server.port == port
    assert _client(smtp_server).noop()[0] == 250
