"""Handing mail to a real SMTP server, and what its refusals become."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import AuthExpired, ConnectorError, RateLimited, RecipientRefusal, Rejected, Unavailable
from connectors.imap_smtp import PasswordAuth, SMTPConnection, SMTPSettings, XOAuth2

MAIL = b"From: ada@example.test\r\nTo: ben@example.test\r\nSubject: One\r\n\r\nHello\r\n"
ADA, BEN, EVE = "ada@example.test", "ben@example.test", "eve@example.test"


def _settings(server: Any, **changes: Any) -> SMTPSettings:
    security = changes.get("security", "none")
    host = "127.0.0.1" if security == "none" else "localhost"
    return dataclasses.replace(SMTPSettings(host, port=server.port, security="none", timeout_s=5.0), **changes)


@pytest.fixture
def smtp(smtp_server: Any) -> Iterator[SMTPConnection]:
    """A connection to a server that takes everything."""
    with SMTPConnection(_settings(smtp_server)) as connection:
        yield connection


# -- sending ----------------------------------------------------------------------------------------------


def test_send_hands_the_message_over_byte_for_byte(smtp: SMTPConnection, smtp_server: Any) -> None:
    receipt = smtp.send(ADA, [BEN, EVE, BEN], MAIL)

    (mail,) = smtp_server.messages
    assert (mail.sender, mail.recipients, mail.raw) == (ADA, (BEN, EVE), MAIL)
    assert (receipt.accepted, receipt.refused) == ((BEN, EVE), {})
    assert "queued as 1" in receipt.response


@pytest.mark.parametrize(
    ("raw", "received"),
    [
        (b"A: b\n\nbare\n", b"A: b\r\n\r\nbare\r\n"),
        (b"A: b\r\n\r\n.\r\n..\r\n.x\r\n", b"A: b\r\n\r\n.\r\n..\r\n.x\r\n"),
        (b"A: b\r\n\r\nno end", b"A: b\r\n\r\nno end\r\n"),
        (b"A: b\n\nhidden\n.\nMAIL FROM:<x@y>\r.\r", b"A: b\r\n\r\nhidden\r\n.\r\nMAIL FROM:<x@y>\r\n.\r\n"),
    ],
)
def test_send_keeps_dots_and_sends_only_whole_line_ends(
    smtp: SMTPConnection, smtp_server: Any, raw: bytes, received: bytes
) -> None:
    smtp.send(ADA, [BEN], raw)

    assert [mail.raw for mail in smtp_server.messages] == [received]


def test_send_allows_an_empty_envelope_sender(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp.send("", [BEN], MAIL)

    assert smtp_server.messages[0].sender == ""


def test_one_connection_sends_many_messages(smtp: SMTPConnection, smtp_server: Any) -> None:
    for _ in range(3):
        smtp.send(ADA, [BEN], MAIL)

    assert len(smtp_server.messages) == 3


def test_send_reconnects_when_the_server_dropped_an_idle_session(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp.send(ADA, [BEN], MAIL)
    smtp_server.stop()
    smtp_server.start()

    smtp.send(ADA, [BEN], MAIL)

    assert len(smtp_server.messages) == 2


def test_send_needs_a_recipient(smtp: SMTPConnection) -> None:
    with pytest.raises(ValueError, match="at least one recipient"):
        smtp.send(ADA, [], MAIL)


@pytest.mark.slow
def test_send_of_30_mb_arrives_whole(smtp: SMTPConnection, smtp_server: Any) -> None:
    raw = MAIL + (b"x" * 996 + b"\r\n") * 30_000
    smtp.send(ADA, [BEN], raw)

    assert smtp_server.messages[0].raw == raw


# -- encryption and login -----------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_send_is_encrypted_and_logged_in(create_smtp_server: Any, security: str) -> None:
    server = create_smtp_server(security=security, users={ADA: "pässwörd"})
    settings = _settings(server, security=security, auth=PasswordAuth(ADA, "pässwörd"))

    with SMTPConnection(settings, ssl_context=server.certificate.client_context()) as smtp:
        smtp.send(ADA, [BEN], MAIL)

    assert (server.messages[0].username, server.messages[0].is_encrypted) == (ADA, True)


def test_login_works_where_only_the_login_mechanism_is_offered(
    create_smtp_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = create_smtp_server(security="tls", users={ADA: "secret"})
    settings = _settings(server, security="tls", auth=PasswordAuth(ADA, "secret"))
    smtp = SMTPConnection(settings, ssl_context=server.certificate.client_context())
    verbs = smtp._password_verbs()
    monkeypatch.setattr(smtp, "_password_verbs", lambda: {"LOGIN": verbs["LOGIN"]})

    with smtp:
        smtp.send(ADA, [BEN], MAIL)

    assert server.messages[0].username == ADA


def test_token_opens_the_door_until_it_is_revoked(create_smtp_server: Any, dovecot: Any) -> None:
    dovecot.tokens.accept("t0ken", ADA)
    server = create_smtp_server(security="tls", tokens=dovecot.tokens)
    settings = _settings(server, security="tls", auth=XOAuth2(ADA, lambda: "t0ken"))
    smtp = SMTPConnection(settings, ssl_context=server.certificate.client_context())
    assert smtp.check().is_encrypted
    smtp.close()

    dovecot.tokens.revoke("t0ken")

    with pytest.raises(AuthExpired) as caught:
        smtp.check()
    assert (caught.value.step, caught.value.code) == ("login", 535)
    assert "t0ken" not in caught.value.reason


def test_wrong_password_is_auth_expired_and_not_in_the_error(create_smtp_server: Any) -> None:
    server = create_smtp_server(security="tls", users={ADA: "secret"})
    settings = _settings(server, security="tls", auth=PasswordAuth(ADA, "hunter2"))

    with pytest.raises(AuthExpired) as caught:
        SMTPConnection(settings, ssl_context=server.certificate.client_context()).check()

    assert (caught.value.step, caught.value.code) == ("login", 535)
    assert "hunter2" not in repr(caught.value)


def test_busy_login_is_unavailable_and_no_reason_to_ask_for_a_new_password(create_smtp_server: Any) -> None:
    server = create_smtp_server(security="tls", users={ADA: "secret"})
    server.refuse_login(code=454, text="4.7.0 Temporary authentication failure")
    settings = _settings(server, security="tls", auth=PasswordAuth(ADA, "secret"))

    with pytest.raises(Unavailable) as caught:
        SMTPConnection(settings, ssl_context=server.certificate.client_context()).check()

    assert (caught.value.step, caught.value.code) == ("login", 454)


def test_missing_login_is_auth_expired(create_smtp_server: Any) -> None:
    server = create_smtp_server(security="tls", users={ADA: "secret"})
    settings = _settings(server, security="tls")

    with (
        SMTPConnection(settings, ssl_context=server.certificate.client_context()) as smtp,
        pytest.raises(AuthExpired) as caught,
    ):
        smtp.send(ADA, [BEN], MAIL)

    assert caught.value.code == 530


def test_password_where_no_login_is_offered_is_rejected(smtp_server: Any) -> None:
    with pytest.raises(Rejected, match="offers no login") as caught:
        SMTPConnection(_settings(smtp_server, auth=PasswordAuth(ADA, "secret"))).check()

    assert caught.value.step == "login"


def test_untrusted_certificate_is_unavailable_at_tls(create_smtp_server: Any) -> None:
    for security in ("tls", "starttls"):
        server = create_smtp_server(security=security)
        with pytest.raises(Unavailable, match="not trusted") as caught:
            SMTPConnection(_settings(server, security=security)).check()
        assert caught.value.step == "tls"


def test_starttls_is_never_skipped_when_the_server_offers_none(smtp_server: Any) -> None:
    settings = _settings(smtp_server, security="starttls", auth=PasswordAuth(ADA, "secret"))

    with pytest.raises(Unavailable, match="no STARTTLS") as caught:
        SMTPConnection(settings).check()

    assert caught.value.step == "tls"


def test_tls_to_a_clear_port_says_so(smtp_server: Any) -> None:
    with pytest.raises(Unavailable, match="does this port speak TLS") as caught:
        SMTPConnection(_settings(smtp_server, security="tls")).check()

    assert caught.value.step == "tls"


def test_nobody_listening_is_unavailable_at_connect(smtp_server: Any) -> None:
    smtp_server.stop()

    with pytest.raises(Unavailable, match="nothing listens") as caught:
        SMTPConnection(_settings(smtp_server)).check()

    assert caught.value.step == "connect"


def test_silent_server_is_unavailable_after_the_time_out(smtp_server: Any) -> None:
    smtp_server.delay_s = 5

    started = time.monotonic()
    with pytest.raises(Unavailable, match="did not answer in time"):
        SMTPConnection(_settings(smtp_server, timeout_s=0.3)).check()

    assert time.monotonic() - started < 2


def test_check_tells_what_the_server_can_do(create_smtp_server: Any) -> None:
    server = create_smtp_server(size_limit=1000)

    abilities = SMTPConnection(_settings(server)).check()

    assert abilities.size_limit == 1000
    assert {"SMTPUTF8", "8BITMIME", "SIZE"} <= abilities.extensions
    assert not abilities.is_encrypted


# -- refusals -----------------------------------------------------------------------------------------------


def test_some_refused_recipients_are_in_the_receipt(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp_server.refuse_recipient(BEN, code=550, text="5.1.1 No such user")
    smtp_server.refuse_recipient("cy@example.test", code=452, text="4.2.2 Mailbox full")

    receipt = smtp.send(ADA, [BEN, "cy@example.test", EVE], MAIL)

    assert receipt.accepted == (EVE,)
    assert receipt.refused == {
        BEN: RecipientRefusal(550, "5.1.1 No such user", permanent=True),
        "cy@example.test": RecipientRefusal(452, "4.2.2 Mailbox full", permanent=False),
    }
    assert smtp_server.messages[0].recipients == (EVE,)


def test_all_recipients_refused_for_good_is_rejected(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp_server.refuse_recipient(code=550, text="5.1.1 No such user")

    with pytest.raises(Rejected) as caught:
        smtp.send(ADA, [BEN, EVE], MAIL)

    assert (caught.value.step, caught.value.code) == ("recipient", 550)
    assert list(caught.value.recipients) == [BEN, EVE]


def test_one_temporary_refusal_makes_the_failure_temporary(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp_server.refuse_recipient(BEN, code=550, text="5.1.1 No such user")
    smtp_server.refuse_recipient(EVE, code=450, text="4.2.0 Greylisted", times=1)

    with pytest.raises(Unavailable) as caught:
        smtp.send(ADA, [BEN, EVE], MAIL)

    assert caught.value.recipients[BEN].permanent
    assert not caught.value.recipients[EVE].permanent
    assert not caught.value.outcome_unknown
    assert smtp.send(ADA, [EVE], MAIL).accepted == (EVE,)


def test_refused_sender_is_rejected_and_the_session_goes_on(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp_server.refuse_sender(code=550, text="5.7.1 Not yours", times=1)

    with pytest.raises(Rejected) as caught:
        smtp.send(ADA, [BEN], MAIL)

    assert caught.value.step == "sender"
    assert smtp.send(ADA, [BEN], MAIL).accepted == (BEN,)


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (554, "5.6.0 Not wanted", Rejected),
        (451, "4.3.0 Try again later", Unavailable),
        (550, "5.4.5 Daily user sending limit exceeded", RateLimited),
    ],
)
def test_refused_content_says_whether_to_try_again(
    smtp: SMTPConnection, smtp_server: Any, code: int, text: str, kind: type[ConnectorError]
) -> None:
    smtp_server.refuse_data(code=code, text=text)

    with pytest.raises(kind) as caught:
        smtp.send(ADA, [BEN], MAIL)

    assert (caught.value.step, caught.value.code) == ("data", code)
    assert smtp_server.messages == []


def test_too_large_a_message_is_rejected_before_it_is_sent(create_smtp_server: Any) -> None:
    server = create_smtp_server(size_limit=1000)

    with SMTPConnection(_settings(server)) as smtp, pytest.raises(Rejected, match="at most 1000") as caught:
        smtp.send(ADA, [BEN], MAIL + b"x" * 1000)

    assert (caught.value.step, caught.value.code) == ("size", 552)


def test_cut_after_the_last_byte_leaves_the_outcome_unknown(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp_server.cut_after_data()

    with pytest.raises(Unavailable, match="before it confirmed") as caught:
        smtp.send(ADA, [BEN], MAIL)

    assert caught.value.outcome_unknown
    assert len(smtp_server.messages) == 1


def test_cut_before_the_last_byte_is_safe_to_repeat(smtp_server: Any, create_proxy: Any) -> None:
    proxy = create_proxy(smtp_server.port)
    settings = dataclasses.replace(_settings(smtp_server), port=proxy.port)
    with SMTPConnection(settings) as smtp:
        proxy.cut()
        with pytest.raises(Unavailable) as caught:
            smtp.send(ADA, [BEN], MAIL)

    assert not caught.value.outcome_unknown
    assert smtp_server.messages == []
