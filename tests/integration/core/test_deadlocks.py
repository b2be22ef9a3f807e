"""Two transactions on PostgreSQL that could wait for each other: one order of locks, and beginning anew where that does not help."""

import logging
import threading
import time

import pytest
from sqlalchemy import select, text

from app.extensions import db
from app.models import ContactIdentity, Conversation, Message
from app.plugin_api.messages import RawEvent
from app.services import intake_store, replies
from app.services.contact_merging import merge_contacts
from app.services.intake import receive
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail
from tests.integration.core.test_bounces import bounced, report

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PEOPLE = ["a@x.org", "b@x.org"]


@pytest.fixture
def account_id(create_account):
    return create_account("mailbox", address="help@example.com")


@pytest.fixture
def conversation_ids(core, account_id):
    """A conversation with each of the people."""
    mails = [create_mail(message_id=f"of-{one}", sender=one, body=f"From {one}") for one in PEOPLE]
    return [receive(core, account_id, RawEvent(one.encode())).conversation_id for one in mails]


@pytest.fixture(autouse=True)
def told(caplog):
    caplog.set_level(logging.INFO, "app.services.deadlocks")
    return caplog


def test_a_report_and_a_merging_of_whom_it_is_about_do_not_wait_for_each_other(
    core, account_id, conversation_ids, together, create_agent, monkeypatch, told
):
    """The report has its conversation when the merging begins, and marks the address after that."""
    ada, has_conversation, apply_bounce = create_agent("Ada"), threading.Event(), intake_store.apply_bounce
    sent = core.session.get(Message, replies.reply(core, ada, conversation_ids[0], ReplyDraft("Hello"))).external_id
    source, into = contacts(core)

    def apply_late(*arguments):
        has_conversation.set()
        wait_until_somebody_waits()
        apply_bounce(*arguments)

    monkeypatch.setattr(intake_store, "apply_bounce", apply_late)
    result, _ = together(
        lambda: receive(core, account_id, RawEvent(report(sent, PEOPLE[0]).encode())),
        lambda: has_conversation.wait(20) and merge_contacts(core, ada, source, into),
    )

    assert (result.state, told.text) == ("new", "")
    assert contacts(core) == [into, into]
    assert bounced(core) == {PEOPLE[0]}


def test_merging_begins_anew_when_the_database_ended_it(core, conversation_ids, together, create_agent, told):
    """Somebody else locks a conversation first and an address after that."""
    ada, has_conversation = create_agent("Ada"), threading.Event()
    source, into = contacts(core)

    def lock_the_other_way():
        with db.engine.connect() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '1h'"))
            connection.execute(select(Conversation.id).where(Conversation.id == conversation_ids[0]).with_for_update())
            has_conversation.set()
            wait_until_somebody_waits()
            connection.execute(select(ContactIdentity.id).where(ContactIdentity.value == PEOPLE[0]).with_for_update())

    together(lock_the_other_way, lambda: has_conversation.wait(20) and merge_contacts(core, ada, source, into))

    assert "merge_contacts waited for somebody who waited for it" in told.text
    assert contacts(core) == [into, into]


def wait_until_somebody_waits():
    """Until a transaction of the test's database waits for a row that another one has."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until = time.monotonic() + 20
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text(waiting)):
            assert time.monotonic() < until, "nobody waits"


def contacts(core):
    """Whose the addresses of the people are."""
    core.session.rollback()
    found = dict(core.session.execute(select(ContactIdentity.value, ContactIdentity.contact_id)).all())
    core.session.rollback()
    return [found[address] for address in PEOPLE]
