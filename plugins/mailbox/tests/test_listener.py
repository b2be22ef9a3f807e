"""Promises about mail that is handed straight in: 250 means stored, anything else leaves it with its sender."""

import logging
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from plugins.mailbox import arrivals
from plugins.mailbox.listener import ListenAddress, listen_address, listener_services, run_listener
from plugins.mailbox.tests.accounts import create_mail
from tidings import Account, Host
from tidings.testing import FakeHost

HELP = Account(1, "mailbox", "Help", "help@example.com", {"address": "help@example.com"})
SALES = Account(2, "mailbox", "Sales", "sales@example.com", {"address": "sales@example.com"})
ADA = "ada@mail.example.org"


@pytest.fixture
def listening() -> Iterator[Callable[..., int]]:
    """Return a function that starts a listener for a host and gives its port; all are stopped after the test."""
    stop = threading.Event()
    threads = []

    def start(host: Host) -> int:
        ready, ports = threading.Event(), []

        def is_up(port: int) -> None:
            ports.append(port)
            ready.set()

        threads.append(threading.Thread(target=run_listener, args=(host, stop, is_up)))
        threads[-1].start()
        assert ready.wait(5)
        return ports[0]

    yield start
    stop.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def create_host(scheme: str = "lmtp", **config: str) -> FakeHost:
    return FakeHost("mailbox", [HELP, SALES], config={"listen": f"{scheme}://127.0.0.1:{free_port()}", **config})


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def received(host: FakeHost) -> list[tuple[int, bytes]]:
    return [(account_id, event.payload) for account_id, event in host.received]


def deliver(port: int, recipients: list[str], raw: bytes, scheme: str = "lmtp") -> tuple[list[int], list[int]]:
    """Hand a mail over without saying how large it is: the answers to the recipients, and those to the mail (LMTP: one for each that
    was accepted, of which smtplib reads the first only)."""
    with (smtplib.LMTP if scheme == "lmtp" else smtplib.SMTP)("127.0.0.1", port) as client:
        client.ehlo()
        client.mail(ADA)
        offered = [client.rcpt(recipient)[0] for recipient in recipients]
        answers = [client.data(raw)[0]]
        if scheme == "lmtp":
            answers += [client.getreply()[0] for _ in range(offered.count(250) - 1)]
    return offered, answers


def test_a_mail_is_stored_for_the_account_of_its_recipient(listening):
    host = create_host()
    with smtplib.LMTP("127.0.0.1", listening(host)) as client:
        refused = client.sendmail(ADA, ["help+r-token@example.com"], create_mail(1))

    assert refused == {}
    assert received(host) == [(1, b"Return-Path: <ada@mail.example.org>\r\n" + create_mail(1))]
    assert host.received[0][1].content_type == "message/rfc822"


def test_each_account_gets_a_mail_once_and_strangers_are_refused(listening):
    host = create_host()
    recipients = ["help@example.com", "help+x@example.com", "SALES@example.com", "nobody@example.com"]

    offered, stored = deliver(listening(host), recipients, create_mail(1))

    assert offered == [250, 250, 250, 550]
    assert stored == [250, 250, 250]
    assert [account_id for account_id, _ in received(host)] == [1, 2]


def test_a_paused_mailbox_leaves_its_mail_with_the_sender(listening):
    host = create_host()
    arrivals.note_saved(host, SALES.id, is_new=False)
    host.paused.add(SALES.id)
    with smtplib.LMTP("127.0.0.1", listening(host)) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        client.sendmail(ADA, ["sales@example.com"], create_mail(1))

    assert refusal.value.recipients["sales@example.com"][0] == 451


def test_what_cannot_be_stored_is_answered_per_recipient(listening, monkeypatch, caplog):
    host = create_host()
    store = host.receive

    def receive(account_id, event):
        if account_id == SALES.id:
            raise OSError("no space left on device")
        return store(account_id, event)

    monkeypatch.setattr(host, "receive", receive)
    caplog.set_level(logging.CRITICAL)
    _, stored = deliver(listening(host), ["help@example.com", "sales@example.com"], create_mail(1))

    assert stored == [250, 451]
    assert [account_id for account_id, _ in received(host)] == [1]


@pytest.mark.parametrize("scheme", ["lmtp", "smtp"])
def test_a_mail_above_the_limit_is_refused_and_the_next_one_taken(listening, scheme):
    host = create_host(scheme, max_mb="1")
    large = create_mail(1, body="x" * 70 + "\r\n" + "y\r\n" * 400_000)
    port = listening(host)

    _, refused = deliver(port, ["help@example.com", "sales@example.com"], large, scheme)
    _, stored = deliver(port, ["help@example.com"], create_mail(2), scheme)

    assert refused == ([552, 552] if scheme == "lmtp" else [552])
    assert stored == [250]
    assert [account_id for account_id, _ in received(host)] == [1]


def test_smtp_stores_for_all_or_asks_to_try_again(listening, monkeypatch, caplog):
    host = create_host("smtp")
    caplog.set_level(logging.CRITICAL)
    with smtplib.SMTP("127.0.0.1", listening(host)) as client:
        client.sendmail(ADA, ["help@example.com", "sales@example.com"], create_mail(1))
        monkeypatch.setattr(host, "receive", lambda *_: 1 / 0)
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.sendmail(ADA, ["help@example.com"], create_mail(2))

    assert refusal.value.smtp_code == 451
    assert len(host.received) == 2


def test_nothing_is_relayed(listening):
    with (
        smtplib.SMTP("127.0.0.1", listening(create_host("smtp"))) as client,
        pytest.raises(smtplib.SMTPRecipientsRefused) as refusal,
    ):
        client.sendmail("help@example.com", [ADA], create_mail(1))

    assert refusal.value.recipients[ADA][0] == 550


@pytest.mark.parametrize("sender", ["", "grüße@example.org"])
def test_bounces_and_international_senders_are_taken(listening, sender):
    host = create_host()
    with smtplib.LMTP("127.0.0.1", listening(host)) as client:
        client.sendmail(sender, ["help@example.com"], create_mail(1), mail_options=["SMTPUTF8"])

    assert received(host)[0][1].startswith(f"Return-Path: <{sender}>\r\n".encode())


def test_long_lines_and_odd_bytes_come_through_unchanged(listening):
    host = create_host()
    raw = create_mail(1) + b"x" * 200_000 + b"\r\n.dot\r\n\xff\x00\xfe\r\n"
    with smtplib.LMTP("127.0.0.1", listening(host)) as client:
        client.sendmail(ADA, ["help@example.com"], raw)

    assert received(host)[0][1].endswith(b"x" * 200_000 + b"\r\n.dot\r\n\xff\x00\xfe\r\n")


def test_the_listener_is_off_unless_it_is_configured():
    assert listener_services(FakeHost("mailbox")) == []
    assert [service.name for service in listener_services(create_host())] == ["listener"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("lmtp://127.0.0.1:2424", ListenAddress("lmtp", "127.0.0.1", 2424)),
        ("smtp://:2525", ListenAddress("smtp", "127.0.0.1", 2525)),
        ("lmtp://", ListenAddress("lmtp", "127.0.0.1", 24)),
        ("smtp://[::1]:2525", ListenAddress("smtp", "::1", 2525)),
    ],
)
def test_an_address_to_listen_at_is_this_machines_unless_it_says_more(text, address):
    assert listen_address(text) == address


@pytest.mark.parametrize("text", ["2424", "127.0.0.1:2424", "http://127.0.0.1", "lmtp://x:many", "lmtp:///run/socket"])
def test_an_address_that_cannot_be_meant_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="lmtp://127.0.0.1:2424"):
        listen_address(text)


def test_aliases_and_whole_domains_are_taken_and_for_whom_a_mail_came_is_kept(listening):
    everything = {"address": "shop@example.com", "aliases": "Sales <sales@example.net>\n*@shop.example.com"}
    host = create_host()
    host.put_account(Account(3, "mailbox", "Shop", "shop@example.com", everything))
    recipients = ["anything@shop.example.com", "sales@example.net", "help@example.com", "ben@example.com"]

    offered, stored = deliver(listening(host), recipients, create_mail(1))

    assert (offered, stored) == ([250, 250, 250, 550], [250, 250, 250])
    assert {account_id: event.meta["recipients"] for account_id, event in host.received} == {
        3: ["anything@shop.example.com", "sales@example.net"],
        1: ["help@example.com"],
    }
