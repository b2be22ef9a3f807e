"""Waiting for mail: at once when it comes, never for ever, and without missing what came just before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Unavailable
from connectors.imap_smtp import IdleEvent, IMAPConnection, IMAPSettings, PasswordAuth
from connectors.imap_smtp.tests.scripted import ScriptedIMAP

Connect = Callable[..., IMAPConnection]
MAIL = b"Subject: One\r\n\r\nHello\r\n"
SELECT = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\n* OK [UIDNEXT 2] ok\r\nTAG OK [READ-ONLY] done\r\n"


@pytest.fixture
def stop() -> threading.Event:
    """The signal to end the wait."""
    return threading.Event()


def _later(delay_s: float, action: Callable[..., Any], *args: Any) -> None:
    timer = threading.Timer(delay_s, action, args)
    timer.daemon = True
    timer.start()


def _selected(imap: IMAPConnection) -> IMAPConnection:
    imap.select()
    imap.uids_after(0)
    return imap


@pytest.mark.parametrize("security", ["tls", "none"])
def test_idle_returns_when_mail_arrives(mail_user: Any, connect: Connect, stop: Any, security: str) -> None:
    imap = _selected(connect(mail_user, security=security))
    _later(0.2, mail_user.deliver, MAIL)

    started = time.monotonic()
    event = imap.idle(stop, 20)

    assert event is IdleEvent.NEW_MAIL
    assert time.monotonic() - started < 2  # Dovecot itself takes half a second
    assert len(imap.uids_after(0)) == 1


def test_idle_can_be_used_again_and_again(mail_user: Any, connect: Connect, stop: Any) -> None:
    imap = _selected(connect(mail_user))
    for number in range(1, 4):
        _later(0.05, mail_user.deliver, MAIL)
        assert imap.idle(stop, 20) is IdleEvent.NEW_MAIL
        assert len(imap.uids_after(0)) == number

    assert imap.idle(stop, 0.3) is IdleEvent.TIMED_OUT


def test_idle_ends_soon_after_stop(mail_user: Any, connect: Connect, stop: Any) -> None:
    imap = _selected(connect(mail_user))
    _later(0.1, stop.set)

    started = time.monotonic()

    assert imap.idle(stop, 60) is IdleEvent.STOPPED
    assert time.monotonic() - started < 1.5
    imap.check()


def test_idle_does_not_sleep_over_mail_that_came_before_it(mail_user: Any, connect: Connect, stop: Any) -> None:
    imap = _selected(connect(mail_user))
    mail_user.deliver(MAIL)
    deadline = time.monotonic() + 5
    while imap._open_session.untagged_responses.get("EXISTS") is None:
        imap.check()  # the server tells of the new message in the answer to some other command
        assert time.monotonic() < deadline

    started = time.monotonic()

    assert imap.idle(stop, 20) is IdleEvent.NEW_MAIL
    assert time.monotonic() - started < 0.3


def test_idle_is_begun_again_before_anybody_forgets_the_connection(
    mail_user: Any, connect: Connect, stop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap = _selected(connect(mail_user, security="none"))
    said: list[bytes] = []
    send = imap._open_session.send

    def listen_in(data: bytes) -> None:
        said.append(data)
        send(data)

    monkeypatch.setattr(imap._open_session, "send", listen_in)
    monkeypatch.setattr("connectors.imap_smtp.imap_idle.REISSUE_S", 0.3)
    _later(1.5, mail_user.deliver, MAIL)

    assert imap.idle(stop, 20) is IdleEvent.NEW_MAIL
    assert sum(b" IDLE" in line for line in said) >= 2
    assert said.count(b"DONE\r\n") == sum(b" IDLE" in line for line in said)


def test_idle_hears_mail_announced_together_with_the_continuation(stop: Any) -> None:
    answers = {"EXAMINE": SELECT, "IDLE": b"+ idling\r\n* 2 EXISTS\r\n"}
    with ScriptedIMAP(answers) as server:
        settings = IMAPSettings("127.0.0.1", PasswordAuth("ada", "secret"), server.port, "none", 5.0)
        with IMAPConnection(settings) as imap:
            imap.select()
            started = time.monotonic()

            assert imap.idle(stop, 10) is IdleEvent.NEW_MAIL
            assert time.monotonic() - started < 0.5


def test_idle_is_not_woken_by_flag_changes_and_keepalives(stop: Any) -> None:
    noise = b"+ idling\r\n* OK Still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n"
    with ScriptedIMAP({"EXAMINE": SELECT, "IDLE": noise}) as server:
        settings = IMAPSettings("127.0.0.1", PasswordAuth("ada", "secret"), server.port, "none", 5.0)
        with IMAPConnection(settings) as imap:
            imap.select()

            assert imap.idle(stop, 0.5) is IdleEvent.TIMED_OUT


def test_idle_raises_at_once_when_the_connection_is_cut(
    mail_user: Any, create_proxy: Any, connect: Connect, stop: Any
) -> None:
    proxy = create_proxy(mail_user.server.tls_port)
    imap = _selected(connect(mail_user, port=proxy.port))
    _later(0.2, proxy.cut)

    started = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        imap.idle(stop, 30)

    assert caught.value.step == "idle"
    assert time.monotonic() - started < 2
    assert not imap.is_open


def test_idle_notices_a_path_that_went_dead_at_the_next_renewal(
    mail_user: Any, create_proxy: Any, connect: Connect, stop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.imap_smtp.imap_idle.REISSUE_S", 0.6)
    proxy = create_proxy(mail_user.server.tls_port)
    imap = _selected(connect(mail_user, port=proxy.port, timeout_s=0.5))
    _later(0.2, proxy.be_silent)

    started = time.monotonic()
    with pytest.raises(Unavailable, match="did not answer in time"):
        imap.idle(stop, 60)

    assert time.monotonic() - started < 5


def test_idle_says_goodbye_of_the_server(stop: Any) -> None:
    with ScriptedIMAP({"EXAMINE": SELECT, "IDLE": b"+ idling\r\n* BYE Server shutting down\r\n"}) as server:
        settings = IMAPSettings("127.0.0.1", PasswordAuth("ada", "secret"), server.port, "none", 5.0)
        with IMAPConnection(settings) as imap:
            imap.select()
            with pytest.raises(Unavailable, match="Server shutting down"):
                imap.idle(stop, 10)


@pytest.mark.slow
def test_idle_asks_once_in_a_while_where_the_server_cannot_tell(dovecot_without_idle: Any, stop: Any) -> None:
    server = dovecot_without_idle
    server.add_user("ada@example.test")
    settings = IMAPSettings("localhost", PasswordAuth("ada@example.test", "secret"), server.tls_port, timeout_s=5)
    with IMAPConnection(settings, ssl_context=server.client_context()) as imap:
        assert not imap.can_idle
        _selected(imap)
        assert imap.idle(stop, 0.5, poll_s=0.2) is IdleEvent.TIMED_OUT
        _later(0.3, server.deliver, "ada@example.test", MAIL)
        assert imap.idle(stop, 20, poll_s=0.2) is IdleEvent.NEW_MAIL
        assert len(imap.uids_after(0)) == 1
        stop.set()
        assert imap.idle(stop, 20, poll_s=10) is IdleEvent.STOPPED
