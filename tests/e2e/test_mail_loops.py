"""Machines that answer machines, through real servers: two installations that confirm what comes, a vacation responder, and one that
answers everything without saying that it is none. All of them fall silent by themselves.
"""

import email
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.models import ChannelAccount, Conversation, Direction, Message
from app.plugin_api.messages import MessageKind
from app.plugin_host import check_values
from app.services import accounts, agents, replies
from app.services.core import SYSTEM, Actor, Core
from app.services.replies import ReplyDraft
from app.testing.servers import DovecotOptions, DovecotServer, EximServer, MissingComponent, SMTPServer
from app.testing.servers.fixtures import report_missing
from app.testing.servers.process import free_port
from tests.e2e.running import Running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

QUIET_S = 10
"""So long nobody writes any more; an answer takes some two seconds."""
_MARKS = re.compile(
    rb"^(?:Auto-Submitted|X-[\w-]+|Precedence|References|In-Reply-To|List-[\w-]+):.*\r?\n(?:[ \t].*\r?\n)*", re.I | re.M
)
_AWAY = 'require ["vacation", "vacation-seconds"];\nvacation :seconds 0 "I am away until Monday.";'


def without_marks(raw: bytes) -> bytes:
    """A mail as a relay leaves it that drops what it does not know: no sign of a machine, nothing that names another mail."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    return _MARKS.sub(b"", head + b"\r\n").rstrip(b"\r\n") + blank + body


@dataclass
class Post:
    """The mail servers between everybody. Whatever passes is counted there."""

    dovecot: DovecotServer
    exim: EximServer
    plain: SMTPServer
    careless: SMTPServer

    def passed(self) -> int:
        return len(self.plain.messages) + len(self.careless.messages) + self.exim.log().count(" <= ")

    def between(self, relay: SMTPServer, sender: str, recipient: str) -> int:
        """How many mails with that From a relay took for somebody."""
        found = [email.message_from_bytes(mail.raw)["From"] for mail in relay.messages if recipient in mail.recipients]
        return sum(sender in (name or "") for name in found)

    def wait_until_quiet(self) -> None:
        last, since = self.passed(), time.monotonic()
        deadline = since + 90
        while time.monotonic() - since < QUIET_S:
            assert time.monotonic() < deadline, f"{last} mails, and no end"
            time.sleep(0.2)
            if (now := self.passed()) != last:
                last, since = now, time.monotonic()


class Rude(threading.Thread):
    """Answers every mail to `address` at once with a new one that looks like a person's, as no machine may."""

    def __init__(self, post: Post, address: str) -> None:
        super().__init__(daemon=True)
        self.post, self.address, self.answered, self.is_over = post, address, 0, threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(0.05):
            for raw in self.post.dovecot.messages(self.address)[self.answered :]:
                self.answered += 1
                sender = re.search(rb"[\w.-]+@example\.test", email.message_from_bytes(raw)["From"].encode())
                assert sender
                write(self.post, self.address, sender[0].decode(), f"Got it, number {self.answered}")


def write(post: Post, sender: str, recipient: str, subject: str) -> None:
    """A person's mail, delivered straight into a mailbox."""
    stamp = time.time_ns()
    lines = [
        f"From: Somebody <{sender}>",
        f"To: {recipient}",
        f"Subject: {subject}",
        f"Message-ID: <{stamp}@other.example.test>",
    ]
    post.dovecot.deliver(recipient, "\r\n".join([*lines, "", f"Hello {stamp}", ""]).encode())


def connect(core: Core, post: Post, address: str, smtp_port: int) -> None:
    """An account that confirms whatever opens a conversation."""
    post.dovecot.add_user(address)
    values = {
        "address": address, "password": "secret", "provider": "other", "auth": "password", "receive_by": "imap",
        "imap_host": "127.0.0.1", "imap_port": post.dovecot.port, "imap_security": "none", "folders": "INBOX",
        "smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_security": "none", "smtp_auth": "none", "sent_copy": "server",
        "confirms": "always", "confirmation": "We have your message.",
    }  # fmt: skip
    checked = check_values(core.plugins.channels["mailbox"].settings_form, values)
    accounts.create_account(
        core, SYSTEM, plugin="mailbox", name=address, settings=checked.plain, secrets=checked.secrets
    )


@pytest.fixture
def post() -> Iterator[Post]:
    port = free_port()
    dovecot = DovecotServer(DovecotOptions(lmtp=True, submission=("127.0.0.1", port)))
    with ExitStack() as servers:
        try:
            servers.enter_context(dovecot)
            exim = servers.enter_context(EximServer(dovecot, port=port))
        except MissingComponent as error:
            report_missing(error)
        plain = servers.enter_context(SMTPServer(mailboxes=dovecot))
        careless = servers.enter_context(SMTPServer(mailboxes=dovecot, rewrites=without_marks))
        yield Post(dovecot, exim, plain, careless)


def installation(home: Path, post: Post, addresses: dict[str, int]) -> Running:
    """A worker that fetches and sends for these addresses."""
    running = Running(home, arguments=("worker",))
    with running.opened(migrate=True) as core:
        for address, port in addresses.items():
            connect(core, post, address, port)
    running.start()
    return running


def wait_until(look, what: str, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < deadline, f"{what} did not happen in {timeout_s} s"
        time.sleep(0.1)


def test_machines_that_answer_machines_fall_silent(tmp_path, post):
    name = "{}@example.test".format
    post.dovecot.add_user(name("vic"))
    post.dovecot.set_sieve(name("vic"), _AWAY)
    post.dovecot.add_user(name("rude"))
    rude = Rude(post, name("rude"))
    ours = {
        name("desk.a"): post.plain.port,
        name("stripped.a"): post.careless.port,
        name("away.a"): post.exim.port,
        name("rude.a"): post.plain.port,
    }
    first = installation(tmp_path / "a" / "home", post, ours)
    second = installation(
        tmp_path / "b" / "home", post, {name("desk.b"): post.plain.port, name("stripped.b"): post.careless.port}
    )
    try:
        rude.start()
        for installed, count in ((first, 4), (second, 2)):
            with installed.opened() as core:
                wait_until(
                    lambda core=core, count=count: read_to_their_end(core) == count, "the first look into each mailbox"
                )
        for sender, kind in (("desk.b", "desk.a"), ("stripped.b", "stripped.a"), ("vic", "away.a"), ("rude", "rude.a")):
            write(post, name(sender), name(kind), "Where is my order?")
        wait_until(
            lambda: post.between(post.careless, name("stripped.b"), name("stripped.a")),
            "an answer to an unmarked answer",
        )
        wait_until(lambda: post.dovecot.messages(name("vic")), "a confirmation")
        with first.opened() as core:
            answer_by_hand(core, name("vic"))
        wait_until(lambda: post.dovecot.messages(name("away.a"))[1:], "the vacation responder's answer")
        post.wait_until_quiet()
        with first.opened() as core:
            kinds = kinds_from(core, name("vic"))
    finally:
        rude.is_over.set()
        for installed in (first, second):
            installed.stop()

    assert post.between(post.plain, name("desk.a"), name("desk.b")) == 1
    assert post.between(post.plain, name("desk.b"), name("desk.a")) == 0
    assert post.between(post.careless, name("stripped.a"), name("stripped.b")) == 1
    assert post.between(post.careless, name("stripped.b"), name("stripped.a")) == 1
    assert len(post.dovecot.messages(name("vic"))) == 2  # the confirmation and the answer by hand
    assert kinds == [MessageKind.NORMAL, MessageKind.AUTO_REPLY]
    assert post.between(post.plain, name("rude.a"), name("rude")) == rude.answered == 1


def read_to_their_end(core: Core) -> int:
    """How many accounts have looked into their mailbox once: from then on nothing that comes is old."""
    core.session.rollback()
    rows = core.session.scalars(select(ChannelAccount).execution_options(populate_existing=True))
    return sum(bool(row.cursor) for row in rows)


def answer_by_hand(core: Core, recipient: str) -> None:
    actor = Actor(
        agents.create_agent(core, SYSTEM, name="Lea", email="lea@desk.example.com", role="admin"), "Lea", "admin"
    )
    of_them = (Message.sender_value == recipient) & (Message.direction == Direction.INBOUND)
    conversation_id = core.session.scalar(select(func.min(Message.conversation_id)).where(of_them))
    replies.reply(core, actor, conversation_id, ReplyDraft("It is on its way."))


def kinds_from(core: Core, sender: str) -> list[str]:
    statement = select(Message.kind).join(Conversation, Conversation.id == Message.conversation_id)
    return list(core.session.scalars(statement.where(Message.sender_value == sender).order_by(Message.id)))
