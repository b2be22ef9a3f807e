"""The promise of larger set-ups: on PostgreSQL, with the queue in Redis or PostgreSQL, a mail travels in and its answer out."""

import email
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.models import DeliveryState, Message
from app.services import agents, replies
from app.services.core import SYSTEM, Actor
from app.services.replies import ReplyDraft
from app.testing.servers import ValkeyServer
from app.testing.servers.fixtures import report_missing
from app.testing.servers.missing import MissingComponent
from tests.e2e.running import Running
from tests.e2e.test_kill import connect_mailbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SUPPORT, CUSTOMER = "help@desk.test", "ada@desk.test"


@pytest.fixture
def own_valkey():
    """A Valkey of this test's own, to be killed."""
    server = ValkeyServer()
    try:
        server.start()
    except MissingComponent as error:
        report_missing(error)
    yield server
    server.close()


@pytest.fixture
def mail_servers(dovecot, create_smtp_server):
    for address in (SUPPORT, CUSTOMER):
        dovecot.add_user(address, "secret")
    yield dovecot, create_smtp_server(users={SUPPORT: "secret"}, mailboxes=dovecot, keeps_sent=True)
    for address in (SUPPORT, CUSTOMER):
        dovecot.remove_user(address)


@contextmanager
def running_on(tmp_path, database_url, queue_url):
    """A running installation, and its services in this process."""
    running = Running(tmp_path / "home", {"TIDINGS_DATABASE_URL": database_url, "TIDINGS_QUEUE_URL": queue_url})
    running.start()
    try:
        running.wait_until_up()
        config = Config(home=running.home, port=running.port, undo_s=1, dns="off")
        app = create_app(replace(config, database_url=database_url, queue_url=queue_url), with_web=False)
        with app.app_context():
            app.extensions["tidings"].plugins.start()
            yield running, app.extensions["tidings"]
            db.session.remove()
            db.engine.dispose()
    finally:
        code = running.stop()
    assert code == 0, running.output
    assert "Traceback" not in running.output


def exchange(core, actor, dovecot, number):
    """A mail comes in, is answered, and the answer stands in the customer's mailbox. Gives the seconds both ways took."""
    began = time.monotonic()
    dovecot.deliver(
        SUPPORT,
        (
            f"From: Ada <{CUSTOMER}>\r\nTo: {SUPPORT}\r\nSubject: Question {number}\r\nMessage-ID: <q{number}@desk.test>\r\n"
            f"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\nThis is question {number}.\r\n"
        ).encode(),
    )
    inbound = wait_for(
        core, lambda: core.session.scalar(select(Message).where(Message.external_id == f"q{number}@desk.test"))
    )
    arrived = time.monotonic()
    message_id = replies.reply(core, actor, inbound.conversation_id, ReplyDraft(f"Answer {number}."))
    state = select(Message.delivery_state).where(Message.id == message_id)
    wait_for(core, lambda: core.session.scalar(state) == DeliveryState.SENT)
    subjects = [email.message_from_bytes(raw)["Subject"] for raw in dovecot.messages(CUSTOMER)]
    assert subjects.count(f"Re: Question {number}") == 1
    return arrived - began, time.monotonic() - arrived


def wait_for(core, look, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        core.session.rollback()
        if found:
            return found
        assert time.monotonic() < deadline, f"it did not happen within {timeout_s} s"
        time.sleep(0.05)


def prepared(core, mail_servers):
    agent_id = agents.create_agent(core, SYSTEM, name="Ben", email="ben@desk.test", role="agent")
    connect_mailbox(core, SUPPORT, *mail_servers)
    return Actor(agent_id, "Ben", "agent")


def test_a_mail_travels_on_postgresql_and_redis_and_even_when_redis_dies(
    tmp_path, postgres_url, own_valkey, mail_servers
):
    with running_on(tmp_path, postgres_url, own_valkey.url) as (_, core):
        actor = prepared(core, mail_servers)
        print("with Redis:", exchange(core, actor, mail_servers[0], 1))
        own_valkey.kill()
        print("without:", exchange(core, actor, mail_servers[0], 2))
        own_valkey.start()
        print("again:", exchange(core, actor, mail_servers[0], 3))


def test_a_mail_travels_on_postgresql_alone(tmp_path, postgres_url, mail_servers):
    with running_on(tmp_path, postgres_url, postgres_url) as (_, core):
        print(exchange(core, prepared(core, mail_servers), mail_servers[0], 1))
