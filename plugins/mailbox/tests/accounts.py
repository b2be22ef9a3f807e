"""Accounts of the test servers, as an admin would configure them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.imap_smtp import MailboxState
from plugins.mailbox.channel import MailboxChannel
from tidings import Account, FetchBatch, RawEvent
from tidings.testing import FakeClock, FakeHost

FIXTURES = Path(__file__).parent / "fixtures"
NOTHING_LISTENS = 9


def create_account(user: Any, smtp: Any = None, *, imap_port: int = 0, **settings: object) -> Account:
    """An account of a Dovecot user (`mail_user`), sending through a test SMTP server without encryption."""
    defaults: dict[str, object] = {
        "address": user.address,
        "imap_host": "127.0.0.1",
        "imap_port": imap_port or user.server.port,
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp.port if smtp else NOTHING_LISTENS,
        "smtp_security": "none",
        "smtp_auth": "same" if smtp and smtp.users else "none",
    }
    return Account(1, "mailbox", "Support", user.address, {**defaults, **settings}, secrets={"password": user.password})


def create_host(*accounts: Account, nameserver: str = "system", **config: str) -> FakeHost:
    """A host whose clock shows the real time, as the mail servers' clocks do."""
    host = FakeHost("mailbox", accounts, clock=FakeClock(datetime.now(UTC)), config=config)
    host.nameserver = nameserver
    return host


def create_channel(*accounts: Account, **config: str) -> MailboxChannel:
    return MailboxChannel(create_host(*accounts, **config))


def connected(account: Account) -> Account:
    """The account after its first look, which takes no mail but remembers where the folders end."""
    *_, batch = create_channel(account).fetch(account)
    assert not batch.events
    return replace(account, cursor=batch.cursor)


def fetched(channel: MailboxChannel, account: Account) -> tuple[list[RawEvent], Account]:
    """All new events, and the account with its new cursor."""
    return collected(channel.fetch(account), account)


def collected(batches: Any, account: Account) -> tuple[list[RawEvent], Account]:
    events: list[RawEvent] = []
    batch: FetchBatch
    for batch in batches:
        events.extend(batch.events)
        account = replace(account, cursor=batch.cursor)
    return events, account


def create_mail(number: int = 1, *, sender: str = "ada@mail.example.org", body: str = "Hello") -> bytes:
    """A small mail; the number stands in its subject and Message-ID."""
    lines = (
        f"From: Ada <{sender}>",
        "To: help@example.test",
        f"Subject: Mail {number}",
        "Date: Mon, 02 Mar 2026 08:55:00 +0000",
        f"Message-ID: <{number}@mail.example.org>",
        "Content-Type: text/plain; charset=utf-8",
        "",
        body,
        "",
    )
    return "\r\n".join(lines).encode()


def subjects(events: list[RawEvent]) -> list[str]:
    """What stands in the subjects, in order."""
    return [event.payload.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for event in events]


def load_mail(name: str) -> bytes:
    """A mail of the fixtures with the line ends of the wire."""
    return (FIXTURES / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def state(uidvalidity: int = 1, uidnext: int = 1) -> MailboxState:
    return MailboxState("INBOX", uidvalidity, uidnext, uidnext - 1)
