"""Mailboxes at both peers: the fake, and the emulator that others wrote with what it lacks added in front of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.gmail import GmailClient
from connectors.transport import create_session
from plugins.gmail.access import ACCESS_TOKEN, REFRESH_TOKEN
from plugins.gmail.channel import GmailChannel
from plugins.gmail.tests import mailboxes
from tidings import Account
from tidings.testing import FakeClock, FakeHost


@dataclass
class Connected:
    """A mailbox that was connected and looked into once."""

    host: FakeHost
    channel: GmailChannel
    account: Account

    def fetch(self) -> list[Any]:
        """What is new since the last time."""
        events, self.account = mailboxes.fetched(self.channel, self.account)
        return events


@pytest.fixture
def connect(fake_gmail: Any) -> Callable[..., Connected]:
    """Return a function that connects the fake's mailbox; its arguments are settings."""

    def connected(plugin_settings: dict[str, object] | None = None, **settings: object) -> Connected:
        account = mailboxes.create_account(fake_gmail, **settings)
        host = mailboxes.create_host(fake_gmail, account, **(plugin_settings or {}))
        channel = GmailChannel(host)
        return Connected(host, channel, mailboxes.looked(channel, account))

    return connected


@pytest.fixture
def front(emulate: Any) -> Iterator[Any]:
    with emulate.front() as front:
        yield front


@pytest.fixture
def emulated(front: Any, emulate: Any, emulated_mailbox: Any) -> Connected:
    """A mailbox of the emulator, opened with an access token that is good for a long time."""
    at = front.address
    account = Account(
        1, "gmail", "Support", emulated_mailbox.address, {"address": emulated_mailbox.address},
        secrets={REFRESH_TOKEN: "unused"},
    )  # fmt: skip
    host = FakeHost(
        "gmail",
        [account],
        clock=FakeClock(datetime.now(UTC)),
        config={"api_base": at, "token_url": f"{at}/oauth2/token"},
        settings={"client_id": emulate.CLIENT_ID, "client_secret": emulate.CLIENT_SECRET},
        package="plugins.gmail",
    )
    host.save_secret(1, ACCESS_TOKEN, mailboxes.packed_token(emulated_mailbox.token, "unused"))
    channel = GmailChannel(host)
    return Connected(host, channel, mailboxes.looked(channel, account))


@pytest.fixture
def emulated_client(emulate: Any, emulated_mailbox: Any) -> Iterator[GmailClient]:
    """The same mailbox, for whoever plays its owner."""
    with create_session(retries=0) as session:
        yield GmailClient(session, lambda: emulated_mailbox.token, endpoint=emulate.url)
