"""Thousands of real mails taken in twice, and through two accounts: one message each, nothing refused, nothing lost.

Each fortieth of the public mails here; `python -m bench --only ingest_twice` takes in all of them.
"""

from collections import Counter

import pytest
from sqlalchemy import func, select

from app.models import EventState, InboundEvent, Message, MessageDelivery
from app.plugin_api.mail import inbound_from_mail
from app.plugin_api.messages import RawEvent
from app.services.intake import process_event
from app.services.journal import record_events
from app.testing.public_mails import public_mails
from app.testing.servers.fixtures import report_missing
from app.testing.servers.missing import MissingComponent

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture(scope="module")
def mails():
    try:
        return [raw for _, raw in public_mails(every=40)]
    except MissingComponent as error:
        report_missing(error)


def take_in(core, account_id, mails, series):
    """Count the states of their events after the mails were read from a server that numbers them anew for each series."""
    events = [
        RawEvent(raw, source_key=f"INBOX:{series}:{number}", content_type="message/rfc822")
        for number, raw in enumerate(mails, 1)
    ]
    for event_id in record_events(core, account_id, events, is_processed_here=True):
        process_event(core, event_id)
    core.session.rollback()
    states = select(InboundEvent.state, func.count().label("number")).where(
        InboundEvent.account_id == account_id, InboundEvent.source_key.startswith(f"INBOX:{series}:")
    )
    return Counter({row.state: row.number for row in core.session.execute(states.group_by(InboundEvent.state))})


def count_of(core, model):
    return core.session.scalar(select(func.count()).select_from(model))


def test_mails_that_come_twice_are_one_message_each(core, clock, create_account, mails):
    first, second = (
        create_account("mailbox", address="a@example.com"),
        create_account("mailbox", address="b@example.com"),
    )
    read = [inbound_from_mail(raw, clock.now()) for raw in mails]
    distinct = len({(one.external_id, one.content_key) for one in read})
    assert len(mails) > 120
    assert distinct > 0.95 * len(mails)

    once = take_in(core, first, mails, 1)
    assert once[EventState.PROCESSED] == distinct
    assert once[EventState.DUPLICATE] == len(mails) - distinct
    assert count_of(core, Message) == count_of(core, MessageDelivery) == distinct

    assert take_in(core, first, mails, 2) == {EventState.DUPLICATE: len(mails)}
    assert count_of(core, Message) == count_of(core, MessageDelivery) == distinct

    assert take_in(core, second, mails, 1) == {EventState.DUPLICATE: len(mails)}
    assert (count_of(core, Message), count_of(core, MessageDelivery)) == (distinct, 2 * distinct)
