"""Fixtures over the servers. Under pytest-xdist every worker starts its own, so tests never meet.

A component that is not installed skips the tests that need it, with a sentence in the summary; with CI=true it
fails them, because there nothing may be left out.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import pytest

from app.testing.servers import (
    DNSServer,
    DovecotOptions,
    DovecotServer,
    EmulatedMailbox,
    EmulateServer,
    EximServer,
    FaultyProxy,
    MissingComponent,
    PostgresServer,
    SMTPServer,
    TestCertificate,
    ValkeyServer,
)

_Server = TypeVar("_Server", DovecotServer, EmulateServer, EximServer, PostgresServer, ValkeyServer)
_counter = itertools.count(1)


@dataclass(frozen=True)
class MailUser:
    """A mailbox on the test server that no other test uses."""

    server: DovecotServer
    address: str
    password: str

    def deliver(self, raw: bytes, *, mailbox: str = "INBOX") -> None:
        """Put a message into this mailbox."""
        self.server.deliver(self.address, raw, mailbox=mailbox)

    def messages(self, mailbox: str = "INBOX") -> list[bytes]:
        """Return the messages of this mailbox."""
        return self.server.messages(self.address, mailbox)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[DovecotServer]:
    """A running IMAP server, shared by the session: do not stop it, take `own_dovecot` for that."""
    yield from _running(DovecotServer)


@pytest.fixture
def own_dovecot() -> Iterator[DovecotServer]:
    """An IMAP server of this test alone, to be stopped, killed and paused (costs about a second)."""
    yield from _running(DovecotServer)


@pytest.fixture
def dovecot_without_idle() -> Iterator[DovecotServer]:
    """An IMAP server of this test alone that does not offer IDLE."""
    yield from _running(lambda: DovecotServer(DovecotOptions(offers_idle=False)))


@pytest.fixture(scope="session")
def create_certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TestCertificate]:
    """Return a factory of certificates for 127.0.0.1 and the host names given."""
    return lambda *names: TestCertificate.create(tmp_path_factory.mktemp("certificate"), names=names)


@pytest.fixture
def lmtp_dovecot() -> Iterator[DovecotServer]:
    """An IMAP server of this test alone that takes mail over LMTP; `exim` delivers to it."""
    yield from _running(lambda: DovecotServer(DovecotOptions(lmtp=True)))


@pytest.fixture
def exim(lmtp_dovecot: DovecotServer) -> Iterator[EximServer]:
    """A mail server of this test alone, in front of the mailboxes of `lmtp_dovecot`."""
    yield from _running(lambda: EximServer(lmtp_dovecot))


@pytest.fixture
def create_mail_user(dovecot: DovecotServer) -> Iterator[Callable[..., MailUser]]:
    """Return a factory of mailboxes; they are deleted after the test."""
    made: list[MailUser] = []

    def create(name: str = "support", domain: str = "example.test", password: str = "secret") -> MailUser:
        address = f"{name}.{next(_counter)}@{domain}"
        dovecot.add_user(address, password)
        made.append(MailUser(dovecot, address, password))
        return made[-1]

    yield create
    for user in made:
        dovecot.remove_user(user.address)


@pytest.fixture
def create_limited_user() -> Iterator[Callable[..., MailUser]]:
    """Return a factory of mailboxes, each on a server of its own; the arguments are those of DovecotOptions, such as `quota`."""
    with contextlib.ExitStack() as running:

        def create(**options: Any) -> MailUser:
            start = contextlib.contextmanager(_running)
            server = running.enter_context(start(lambda: DovecotServer(DovecotOptions(**options))))
            server.add_user("help@example.test", "secret")
            return MailUser(server, "help@example.test", "secret")

        yield create


@pytest.fixture
def mail_user(create_mail_user: Callable[..., MailUser]) -> MailUser:
    """One mailbox of this test's own."""
    return create_mail_user()


@pytest.fixture
def create_smtp_server() -> Iterator[Callable[..., SMTPServer]]:
    """Return a factory of running SMTP servers; the arguments are those of SMTPServer."""
    with contextlib.ExitStack() as running:
        yield lambda **options: running.enter_context(SMTPServer(**options))


@pytest.fixture
def smtp_server(create_smtp_server: Callable[..., SMTPServer]) -> SMTPServer:
    """An SMTP server of this test's own that takes mail from everybody, unencrypted."""
    return create_smtp_server()


@pytest.fixture
def dns_server() -> Iterator[DNSServer]:
    """A name server of this test's own that knows nothing yet."""
    with DNSServer() as server:
        yield server


@pytest.fixture
def create_proxy() -> Iterator[Callable[[int], FaultyProxy]]:
    """Return a factory of relays to a loopback port, to break connections with."""
    with contextlib.ExitStack() as running:
        yield lambda port: running.enter_context(FaultyProxy(port))


@pytest.fixture(scope="session")
def emulate() -> Iterator[EmulateServer]:
    """A running emulator of Google's services, shared by the session."""
    yield from _running(EmulateServer)


@pytest.fixture(scope="session")
def emulate_microsoft() -> Iterator[EmulateServer]:
    """A running emulator of Microsoft's consent, shared by the session."""
    yield from _running(lambda: EmulateServer(service="microsoft"))


@pytest.fixture
def emulated_mailbox(emulate: EmulateServer) -> EmulatedMailbox:
    """An empty Gmail mailbox of this test's own."""
    return emulate.new_mailbox()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL, shared by the session."""
    yield from _running(PostgresServer)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of this test's own."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """A running Valkey, shared by the session; take `valkey_url` for a clean one."""
    yield from _running(ValkeyServer)


@pytest.fixture
def valkey_url(valkey: ValkeyServer) -> str:
    """The URL of a Valkey that has just been emptied."""
    import redis

    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    return valkey.url


def report_missing(error: MissingComponent) -> NoReturn:
    """Skip with the reason; fail where CI=true, since a run that leaves something out proves nothing."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI may leave nothing out. {error}", pytrace=False)
    pytest.skip(f"MISSING COMPONENT. {error}")


def _running(kind: Callable[[], _Server]) -> Iterator[_Server]:
    server = kind()
    try:
        server.start()
    except MissingComponent as error:
        report_missing(error)
    try:
        yield server
    finally:
        server.close()
