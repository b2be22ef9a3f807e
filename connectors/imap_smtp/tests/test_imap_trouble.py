"""What goes wrong with IMAP servers, and that the error names the half that failed and why."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import AuthExpired, RateLimited, Rejected, Unavailable
from connectors.imap_smtp import IMAPConnection, IMAPSettings, PasswordAuth, XOAuth2
from connectors.imap_smtp.tests.conftest import imap_settings
from connectors.imap_smtp.tests.scripted import ScriptedIMAP

Connect = Callable[..., IMAPConnection]
LARGE = b"Subject: large\r\n\r\n" + (b"x" * 998 + b"\r\n") * 300


def _scripted(server: ScriptedIMAP, timeout_s: float = 5.0) -> IMAPSettings:
    return IMAPSettings("127.0.0.1", PasswordAuth("ada", "hunter2"), server.port, "none", timeout_s)


# -- opening ----------------------------------------------------------------------------------------------


def test_wrong_password_is_auth_expired_at_login(mail_user: Any, connect: Connect) -> None:
    with pytest.raises(AuthExpired) as caught:
        connect(mail_user, auth=PasswordAuth(mail_user.address, "hunter2"))

    assert caught.value.step == "login"
    assert caught.value.code == "AUTHENTICATIONFAILED"
    assert "hunter2" not in str(caught.value)


def test_revoked_token_is_auth_expired_at_login(mail_user: Any, connect: Connect) -> None:
    with pytest.raises(AuthExpired) as caught:
        connect(mail_user, auth=XOAuth2(mail_user.address, lambda: "stale-t0ken"))

    assert caught.value.step == "login"
    assert "stale-t0ken" not in str(caught.value)


def test_error_of_the_token_provider_passes_unchanged(mail_user: Any, connect: Connect) -> None:
    failure = RateLimited("Slow down", retry_after_s=30)

    def token() -> str:
        raise failure

    with pytest.raises(RateLimited) as caught:
        connect(mail_user, auth=XOAuth2(mail_user.address, token))

    assert caught.value is failure


def test_nobody_listening_is_unavailable_at_connect(mail_user: Any, connect: Connect) -> None:
    with pytest.raises(Unavailable, match="nothing listens") as caught:
        connect(mail_user, port=1)

    assert caught.value.step == "connect"


def test_unknown_host_is_unavailable_at_connect() -> None:
    settings = IMAPSettings("no-such-host.invalid", PasswordAuth("ada", "secret"))

    with pytest.raises(Unavailable, match="No server called no-such-host.invalid") as caught:
        IMAPConnection(settings).open()

    assert caught.value.step == "connect"


def test_untrusted_certificate_is_unavailable_at_tls(mail_user: Any) -> None:
    with pytest.raises(Unavailable, match="not trusted") as caught:
        IMAPConnection(imap_settings(mail_user)).open()

    assert caught.value.step == "tls"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_certificate_for_another_name_is_unavailable_at_tls(
    mail_user: Any, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    settings = dataclasses.replace(imap_settings(mail_user, security=security), host="mail.example.test")
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **named: resolve("127.0.0.1", *args, **named))

    with pytest.raises(Unavailable, match="not trusted: Hostname mismatch") as caught:
        IMAPConnection(settings, ssl_context=mail_user.server.client_context()).open()

    assert caught.value.step == "tls"


def test_tls_to_a_clear_port_says_so(mail_user: Any, connect: Connect) -> None:
    with pytest.raises(Unavailable, match="does this port speak TLS") as caught:
        connect(mail_user, port=mail_user.server.port)

    assert caught.value.step == "tls"


def test_starttls_is_never_skipped_when_the_server_offers_none() -> None:
    with ScriptedIMAP({}) as server:
        settings = IMAPSettings("127.0.0.1", PasswordAuth("ada", "hunter2"), server.port, "starttls", 5.0)
        with pytest.raises(Unavailable, match="no STARTTLS") as caught:
            IMAPConnection(settings).open()

    assert caught.value.step == "tls"
    assert not any(b"hunter2" in line for line in server.heard)


def test_starttls_refuses_data_that_came_before_the_handshake() -> None:
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n",
        "STARTTLS": b"TAG OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    }
    with ScriptedIMAP(answers) as server:
        settings = IMAPSettings("127.0.0.1", PasswordAuth("ada", "hunter2"), server.port, "starttls", 5.0)
        with pytest.raises(Unavailable, match="ahead of the TLS handshake"):
            IMAPConnection(settings).open()


def test_server_that_refuses_passwords_in_clear_says_so() -> None:
    answers = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n"}
    with ScriptedIMAP(answers) as server, pytest.raises(Rejected, match="unencrypted") as caught:
        IMAPConnection(_scripted(server)).open()

    assert (caught.value.step, caught.value.code) == ("login", "PRIVACYREQUIRED")


def test_greeting_with_goodbye_for_too_many_connections_is_a_rate_limit() -> None:
    with (
        ScriptedIMAP({}, greeting=b"* BYE Too many connections from your address\r\n") as server,
        pytest.raises(RateLimited),
    ):
        IMAPConnection(_scripted(server)).open()


def test_server_that_repeats_the_password_does_not_leak_it() -> None:
    answers = {"LOGIN": b'TAG BAD unknown command LOGIN ada "hunter2"\r\n'}
    with ScriptedIMAP(answers) as server, pytest.raises(AuthExpired) as caught:
        IMAPConnection(_scripted(server)).open()

    assert "hunter2" not in str(caught.value)


def test_silent_server_is_unavailable_after_the_time_out(mail_user: Any, create_proxy: Any, connect: Connect) -> None:
    proxy = create_proxy(mail_user.server.tls_port)
    imap = connect(mail_user, port=proxy.port, timeout_s=0.5)
    imap.select()
    proxy.be_silent()

    started = time.monotonic()
    with pytest.raises(Unavailable, match="did not answer in time") as caught:
        imap.uids_after(0)

    assert caught.value.step == "search"
    assert time.monotonic() - started < 3
    assert not imap.is_open


# -- later ------------------------------------------------------------------------------------------------


def test_cut_in_the_middle_of_a_message_keeps_what_came_whole(
    mail_user: Any, create_proxy: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.imap_smtp.imap_messages.BODY_BATCH", 1)
    for _ in range(3):
        mail_user.deliver(LARGE)
    proxy = create_proxy(mail_user.server.tls_port)
    imap = connect(mail_user, port=proxy.port)
    imap.select()
    uids = imap.uids_after(0)
    proxy.cut_after(len(LARGE) * 3 // 2)

    arriving = imap.fetch(uids)
    assert next(arriving).raw == LARGE
    with pytest.raises(Unavailable) as caught:
        next(arriving)

    assert caught.value.step == "fetch"
    assert not imap.is_open

    imap.open()
    imap.select()
    assert [mail.raw for mail in imap.fetch(imap.uids_after(uids[0]))] == [LARGE, LARGE]


@pytest.mark.slow
def test_killed_server_is_unavailable_and_readable_again_after_its_return(own_dovecot: Any, connect: Connect) -> None:
    own_dovecot.add_user("ada@example.test")
    own_dovecot.deliver("ada@example.test", LARGE)
    context = own_dovecot.client_context()
    settings = IMAPSettings("localhost", PasswordAuth("ada@example.test", "secret"), own_dovecot.tls_port, timeout_s=5)
    imap = IMAPConnection(settings, ssl_context=context)
    imap.open()
    before = imap.select()
    own_dovecot.kill()

    with pytest.raises(Unavailable):
        imap.uids_after(0)
    with pytest.raises(Unavailable) as caught:
        imap.open()
    assert caught.value.step == "connect"

    own_dovecot.start()
    imap.open()
    assert imap.select().uidvalidity == before.uidvalidity
    assert len(list(imap.fetch(imap.uids_after(0)))) == 1
    imap.close()


def test_use_without_connection_is_unavailable() -> None:
    imap = IMAPConnection(IMAPSettings("localhost", PasswordAuth("ada", "secret")))

    with pytest.raises(Unavailable, match="no connection"):
        imap.uids_after(0)


# -- odd servers ------------------------------------------------------------------------------------------

SELECT = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK [READ-ONLY] done\r\n"
SUMMARIES = b"".join(
    b'* %d FETCH (UID %d RFC822.SIZE 5 FLAGS () INTERNALDATE "1-Jan-2024 00:00:00 +0000")\r\n' % (n, n)
    for n in (1, 2, 3)
)


def _refuses_message_2(arguments: bytes, count: int) -> bytes:
    """Describe any message, hand out any but number 2, and refuse a whole batch that has it."""
    if b"RFC822.SIZE" in arguments:
        return SUMMARIES + b"TAG OK done\r\n"
    if arguments.startswith((b"1:3", b"2 ")):
        return b"* 1 FETCH (UID 1 BODY[] {4}\r\nlost)\r\nTAG NO Some messages could not be FETCHed (Failure)\r\n"
    uid = int(arguments.split()[0])
    return b"* %d FETCH (UID %d BODY[] {5}\r\nbody%d)\r\nTAG OK done\r\n" % (uid, uid, uid)


def test_one_message_the_server_refuses_does_not_hold_up_the_others() -> None:
    with (
        ScriptedIMAP({"EXAMINE": SELECT, "UID FETCH": _refuses_message_2}) as server,
        IMAPConnection(_scripted(server)) as imap,
    ):
        imap.select()
        first, second, third = imap.fetch([1, 2, 3])

    assert (first.raw, third.raw) == (b"body1", b"body3")
    assert (second.raw, second.withheld) == (None, "refused")
    assert "could not be FETCHed" in second.detail


def test_rate_limit_during_a_fetch_is_not_taken_for_a_broken_message() -> None:
    def fetch(arguments: bytes, count: int) -> bytes:
        if b"RFC822.SIZE" in arguments:
            return SUMMARIES + b"TAG OK done\r\n"
        return b"TAG NO [OVERQUOTA] Account exceeded command or bandwidth limits.\r\n"

    with ScriptedIMAP({"EXAMINE": SELECT, "UID FETCH": fetch}) as server, IMAPConnection(_scripted(server)) as imap:
        imap.select()
        with pytest.raises(RateLimited) as caught:
            list(imap.fetch([1, 2, 3]))

    assert caught.value.step == "fetch"


def test_uidnext_is_asked_for_where_select_does_not_tell() -> None:
    answers = {
        "EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\nTAG OK done\r\n",
        "STATUS": b'* STATUS "INBOX" (UIDNEXT 77)\r\nTAG OK done\r\n',
    }
    with ScriptedIMAP(answers) as server, IMAPConnection(_scripted(server)) as imap:
        assert imap.select().uidnext == 77


def test_folder_without_lasting_uids_is_rejected() -> None:
    answers = {"EXAMINE": b"* 0 EXISTS\r\n* OK [UIDNEXT 4] ok\r\nTAG OK done\r\n"}
    with ScriptedIMAP(answers) as server, IMAPConnection(_scripted(server)) as imap, pytest.raises(Rejected) as caught:
        imap.select()

    assert "no lasting identities" in caught.value.reason


@pytest.mark.parametrize(
    ("listing", "sent"),
    [
        (b'* LIST () "/" "Gesendete Objekte"\r\n', "Gesendete Objekte"),
        (b'* LIST () "." "INBOX.Sent"\r\n', "INBOX.Sent"),
        (b'* LIST () "/" "&AMk-l&AOk-ments envoy&AOk-s"\r\n', "Éléments envoyés"),
        (b'* LIST (\\Noselect) "/" "Sent"\r\n* LIST () "/" "Sent Items"\r\n', "Sent Items"),
        (b'* LIST () "/" "Sent"\r\n* LIST (\\sent) "/" "Outgoing"\r\n', "Outgoing"),
        (b'* LIST () "/" "Work"\r\n', None),
    ],
)
def test_find_sent_falls_back_on_well_known_names(listing: bytes, sent: str | None) -> None:
    with ScriptedIMAP({"LIST": listing + b"TAG OK done\r\n"}) as server, IMAPConnection(_scripted(server)) as imap:
        assert imap.find_sent() == sent


def test_a_mailbox_that_is_full_refuses_what_is_appended_and_is_read_all_the_same(create_limited_user: Any) -> None:
    user = create_limited_user(quota="20k")
    user.deliver(b"Subject: Mail\r\n\r\nHello\r\n")

    with IMAPConnection(imap_settings(user, security="none")) as imap:
        with pytest.raises(Rejected) as refusal:
            imap.append("Sent", b"Subject: Large\r\n\r\n" + b"x" * 50_000)
        imap.select()
        found = list(imap.fetch(imap.uids_after(0)))

    assert (refusal.value.step, refusal.value.code) == ("append", "OVERQUOTA")
    assert [mail.raw for mail in found] == [b"Subject: Mail\r\n\r\nHello\r\n"]


def test_a_connection_too_many_is_waited_out(create_limited_user: Any) -> None:
    """The sign-in is right, so nobody needs to sign in again."""
    user = create_limited_user(most_connections=1)

    with IMAPConnection(imap_settings(user, security="none")):
        with pytest.raises((RateLimited, Unavailable)) as refusal, IMAPConnection(imap_settings(user, security="none")):
            pass
        assert refusal.value.step == "login"
    with IMAPConnection(imap_settings(user, security="none")) as imap:
        assert imap.is_open
