"""Which of our errors each refusal becomes: the channel reacts to the class, so the class must be right."""

from __future__ import annotations

import imaplib
import socket
import ssl

import pytest

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Step, Unavailable
from connectors.imap_smtp.faults import from_exception, imap_refusal, smtp_refusal, without_secrets


@pytest.mark.parametrize(
    ("text", "step", "kind"),
    [
        ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "login", AuthExpired),
        ("LOGIN failed.", "login", AuthExpired),
        ("[ALERT] Application-specific password required: https://example.test (Failure)", "login", AuthExpired),
        ("[WEBALERT https://example.test] Web login required. (Failure)", "login", AuthExpired),
        ("[ALERT] Too many simultaneous connections. (Failure)", "login", RateLimited),
        ("[LIMIT] Too many logins", "login", RateLimited),
        ("[UNAVAILABLE] Temporary authentication failure.", "login", Unavailable),
        ("[INUSE] Mailbox locked", "select", Unavailable),
        ("Server Busy. Please try again later.", "select", Unavailable),
        ("[OVERQUOTA] Account exceeded command or bandwidth limits.", "fetch", RateLimited),
        ("[OVERQUOTA] Quota exceeded", "append", Rejected),
        ("[TRYCREATE] No such mailbox", "append", Rejected),
        ("[NONEXISTENT] Unknown Mailbox: Foo (Failure)", "select", Rejected),
        ("", "fetch", Rejected),
    ],
)
def test_imap_refusals_become(text: str, step: Step, kind: type[ConnectorError]) -> None:
    error = imap_refusal(text, step)

    assert type(error) is kind
    assert error.step == step
    assert error.reason


@pytest.mark.parametrize(
    ("code", "text", "step", "kind"),
    [
        (535, "5.7.8 Username and Password not accepted", "login", AuthExpired),
        (535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled", "login", AuthExpired),
        (534, "5.7.9 Application-specific password required", "login", AuthExpired),
        (530, "5.7.0 Authentication required", "sender", AuthExpired),
        (454, "4.7.0 Too many login attempts, please try again later", "login", RateLimited),
        (454, "4.7.0 Temporary authentication failure", "login", Unavailable),
        (421, "4.7.0 Try again later, closing connection", "connect", Unavailable),
        (450, "4.2.1 The user is receiving mail too fast", "recipient", RateLimited),
        (450, "4.2.0 Greylisted", "recipient", Unavailable),
        (452, "4.2.2 Mailbox full", "recipient", Unavailable),
        (550, "5.4.5 Daily user sending limit exceeded", "data", RateLimited),
        (550, "5.1.1 No such user", "recipient", Rejected),
        (554, "5.7.1 Spam", "data", Rejected),
        (-1, "gibberish", "connect", Unavailable),
    ],
)
def test_smtp_refusals_become(code: int, text: str, step: Step, kind: type[ConnectorError]) -> None:
    error = smtp_refusal(code, text, step)

    assert type(error) is kind
    assert error.code == code
    assert text in error.reason


def test_daily_sending_limit_says_how_long_it_lasts() -> None:
    error = smtp_refusal(550, "5.4.5 Daily user sending limit exceeded", "data")

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 24 * 3600


@pytest.mark.parametrize(
    ("error", "step", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "connect", "No server called mail.example.test"),
        (ConnectionRefusedError(111, "refused"), "connect", "refused"),
        (TimeoutError("timed out"), "connect", "did not answer in time"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), "tls", "does this port speak TLS"),
        (imaplib.IMAP4.abort("socket error: EOF"), "connect", "broke"),
        (UnicodeError("label too long"), "connect", "not a possible host name"),
    ],
)
def test_transport_failures_become_unavailable_with_their_step(error: Exception, step: Step, words: str) -> None:
    failure = from_exception(error, "connect", "mail.example.test")

    assert type(failure) is Unavailable
    assert failure.step == step
    assert words in failure.reason


def test_a_goodbye_for_too_many_connections_is_a_rate_limit() -> None:
    failure = from_exception(imaplib.IMAP4.abort("Too many connections from your IP"), "login", "mail.example.test")

    assert type(failure) is RateLimited


def test_secrets_are_blanked_out_of_reasons() -> None:
    error = without_secrets(AuthExpired("BAD Unknown command LOGIN ada hunter2"), ["hunter2", ""])

    assert error.reason == str(error) == "BAD Unknown command LOGIN ada …"
