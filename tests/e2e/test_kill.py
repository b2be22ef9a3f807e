"""The promise that nothing is lost and nothing is doubled, whatever dies when: `kill -9` in a loop under load."""

import email
import random
import threading
import time
from collections import Counter
from datetime import timedelta

import psutil
import pytest
from sqlalchemy import func, select

from app.models import Conversation, DeliveryState, Direction, InboundEvent, Message
from app.plugin_host import check_values
from app.services import accounts, agents, replies
from app.services.core import SYSTEM, Actor
from app.services.outgoing import scheduling
from app.services.replies import ReplyDraft
from tests.e2e.running import Running, kill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

MAILS, REPLIES = 500, 100
LOAD_S = 60
KILLING_S = 75
LATER = timedelta(seconds=15)
SETTLE_S = 120


def customer_mail(number: int) -> bytes:
    return (
        f"From: Customer {number} <customer@example.test>\r\nTo: support@example.test\r\nSubject: Question {number}\r\n"
        f"Message-ID: <q{number}@example.test>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\nThis is question {number}.\r\n"
    ).encode()


class Killer(threading.Thread):
    """Kills one process of the installation after another for `KILLING_S`; starts the supervisor again when it was the one."""

    def __init__(self, running: Running, seed: int = 11) -> None:
        super().__init__(daemon=True)
        self.running, self.chance, self.stop = running, random.Random(seed), threading.Event()
        self.victims: Counter[str] = Counter()

    def run(self) -> None:
        until = time.monotonic() + KILLING_S
        while time.monotonic() < until and not self.stop.wait(self.chance.uniform(0.8, 2.5)):
            family = self.running.family()
            if not family:
                self.running.start()
                continue
            victim = self.chance.choice(family)
            try:
                words = victim.cmdline()
            except psutil.NoSuchProcess:
                continue
            role = next((r for r in ("worker", "web", "prepare") if r in words), "supervisor")
            self.victims[role] += 1
            kill(victim)
            if victim.pid == self.running.process.pid:
                self.running.process.wait()
                self.running.start()
        if not self.running.family():
            self.running.start()


def deliver_mails(server, address: str) -> None:
    for number in range(MAILS):
        server.deliver(address, customer_mail(number))
        time.sleep(LOAD_S / MAILS)


def answer_some(core, actor: Actor) -> int:
    """Answer conversations as they come, each third one a little later, until there are enough answers or the time is over."""
    answered, seen = 0, 0
    deadline = time.monotonic() + LOAD_S + SETTLE_S
    while answered < REPLIES and time.monotonic() < deadline:
        ids = core.session.scalars(
            select(Conversation.id).where(Conversation.id > seen).order_by(Conversation.id).limit(20)
        ).all()
        core.session.rollback()
        for conversation_id in ids[: REPLIES - answered]:
            draft = ReplyDraft(f"Answer to {conversation_id}.")
            if answered % 3:
                replies.reply(core, actor, conversation_id, draft)
            else:
                scheduling.schedule(core, actor, conversation_id, draft, core.clock.now() + LATER)
            answered, seen = answered + 1, conversation_id
            time.sleep(LOAD_S / REPLIES / 2)
        time.sleep(0.2)
    return answered


def test_every_mail_arrives_once_and_every_answer_leaves_once_while_processes_are_killed(
    tmp_path, dovecot, create_smtp_server
):
    support, customer = "support@example.test", "customer@example.test"
    for address in (support, customer):
        dovecot.add_user(address, "secret")
    smtp = create_smtp_server(users={support: "secret"}, mailboxes=dovecot, keeps_sent=True)
    running = Running(tmp_path / "home")
    running.start()
    try:
        running.wait_until_up()
        with running.opened() as core:
            actor = Actor(
                agents.create_agent(core, SYSTEM, name="Ada", email="ada@example.test", role="agent"), "Ada", "agent"
            )
            connect_mailbox(core, support, dovecot, smtp)
            killer = Killer(running)
            killer.start()
            mailer = threading.Thread(target=deliver_mails, args=(dovecot, support), daemon=True)
            mailer.start()
            answered = answer_some(core, actor)
            mailer.join()
            killer.stop.set()
            killer.join()
            if not running.family():
                running.start()
            settled_s = wait_until_settled(core)
            inbound = subjects(core)
            states = core.session.scalars(
                select(Message.delivery_state).where(Message.direction == Direction.OUTBOUND)
            ).all()
    finally:
        running.stop()
    received = [email.message_from_bytes(raw) for raw in dovecot.messages(customer)]
    print(f"kills: {dict(killer.victims)}, settled after {settled_s:.1f} s")
    assert sum(killer.victims.values()) >= 15
    assert inbound == Counter(f"Question {n}" for n in range(MAILS))
    assert answered == REPLIES
    assert Counter(states) == Counter({DeliveryState.SENT: REPLIES})
    assert Counter(mail["Message-ID"] for mail in received).most_common(1)[0][1] == 1
    assert len(received) == REPLIES


def connect_mailbox(core, address, dovecot, smtp) -> int:
    values = {
        "address": address, "password": "secret", "provider": "other", "auth": "password", "receive_by": "imap",
        "imap_host": "127.0.0.1", "imap_port": dovecot.port, "imap_security": "none", "folders": "INBOX",
        "smtp_host": "127.0.0.1", "smtp_port": smtp.port, "smtp_security": "none", "smtp_auth": "same", "sent_copy": "server",
    }  # fmt: skip
    checked = check_values(core.plugins.channels["mailbox"].settings_form, values)
    return accounts.create_account(
        core, SYSTEM, plugin="mailbox", name="Support", settings=checked.plain, secrets=checked.secrets
    )


def wait_until_settled(core) -> float:
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_S:
        arrived = core.session.scalar(select(func.count()).select_from(Message).where(Message.direction == "inbound"))
        waiting = core.session.scalar(
            select(func.count()).select_from(Message).where(Message.delivery_state.in_(["queued", "sending"]))
        )
        unread = core.session.scalar(
            select(func.count()).select_from(InboundEvent).where(InboundEvent.state == "received")
        )
        core.session.rollback()
        if arrived >= MAILS and not waiting and not unread:
            break
        time.sleep(0.5)
    return time.monotonic() - began


def subjects(core) -> Counter:
    return Counter(core.session.scalars(select(Message.subject).where(Message.direction == Direction.INBOUND)))
