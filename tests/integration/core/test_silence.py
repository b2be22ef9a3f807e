"""Promises about being told of an unusual quiet: after the account was looked at, once, by mail too, and no longer than it lasts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.hourly_counts import ARRIVALS, WATCHED, hourly_counter
from app.errors import NotAllowed
from app.jobs.housekeeping import do_housekeeping
from app.models import ChannelAccount, Counter, Notice, Reconciliation
from app.plugin_api.channel import Capability, Check, ConnectionReport
from app.plugin_api.errors import Temporary
from app.plugin_api.messages import InboundMessage, Participant, RawEvent
from app.services import accounts, notices
from app.services.arrivals import arrivals_by_account
from app.services.core import SYSTEM, writing
from app.services.fetching import note_trouble
from app.services.intake import receive
from app.services.reconciling import claim_comparison, reconcile
from app.services.silence import warn_of_silence, watch_silence

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def account_id(core, create_account, monkeypatch):
    """An account that works, to which four messages an hour came for four weeks, day and night."""
    report = ConnectionReport((Check("Incoming mail", True),))
    monkeypatch.setattr(core.plugins.channels["echo"], "test_connection", lambda account: report)
    made = create_account("echo")
    with writing(core) as unit:
        for back in range(1, 4 * 7 * 24):
            at = unit.now - timedelta(hours=back)
            unit.counts[hourly_counter(ARRIVALS, at, made)] = 4
            unit.counts[hourly_counter(WATCHED, at, made)] = 6
    return made


def told(core):
    core.session.rollback()
    statement = select(Notice).where(Notice.subject.endswith(":silence"), Notice.closed_at.is_(None))
    return list(core.session.scalars(statement))


def sentence(notice):
    return notices.notice_text(notice.text, notice.data)


def go_on(core, clock, **duration):
    """Let time pass as a worker does, with a look every ten minutes."""
    ends = clock.now() + timedelta(**duration)
    while clock.now() < ends:
        clock.advance(minutes=10)
        watch_silence(core)


def test_what_arrives_is_counted_by_the_hour_unless_it_is_old(core, clock, create_account, monkeypatch):
    account_id = create_account("echo")
    ages = {b"new": 0, b"yesterday": 20, b"old": 24 * 30}

    def translate(account, event):
        at = clock.now() - timedelta(hours=ages[event.payload])
        sender = Participant("email", "ada@x.example")
        return [InboundMessage(event.payload.decode(), sender, "Hello", at, content_key=event.payload.decode())]

    monkeypatch.setattr(core.plugins.channels["echo"], "translate", translate)
    for payload in ages:
        receive(core, account_id, RawEvent(payload))

    history = arrivals_by_account(core.session, clock.now() - timedelta(hours=1))[account_id]
    assert history.arrived == {clock.now().replace(minute=0): 2}


def test_silence_is_told_once_and_is_over_with_the_next_arrival(core, clock, account_id):
    go_on(core, clock, hours=2)
    assert told(core) == []
    go_on(core, clock, hours=4)

    (notice,) = told(core)
    assert (notice.times, notice.level, notice.path, notice.mail_state) == (
        1,
        "warning",
        f"/accounts/{account_id}",
        "queued",
    )
    assert sentence(notice).startswith("Nothing has come to ")
    assert sentence(notice).endswith(" messages are usual in that time. The connection works.")

    receive(core, account_id, RawEvent(b"Hello", meta={"sender": "ada@x.example"}))
    with writing(core) as unit:
        unit.counts[hourly_counter(ARRIVALS, clock.now(), account_id)] += 1
    go_on(core, clock, minutes=10)

    assert told(core) == []


def test_the_server_is_asked_before_anybody_is_told(core, clock, account_id, monkeypatch):
    channel = core.plugins.channels["echo"]
    monkeypatch.setattr(channel, "capabilities", channel.capabilities | {Capability.INVENTORY}, raising=False)
    monkeypatch.setattr(channel, "inventory", lambda account: iter(()), raising=False)
    with writing(core) as unit:
        unit.session.get_one(ChannelAccount, account_id).cursor = {"read": 1}

    go_on(core, clock, hours=6)
    assert told(core) == []
    row = core.session.get(Reconciliation, account_id, populate_existing=True)
    assert row.wanted_at is not None
    reconcile(core, claim_comparison(core, account_id, "host:1"))
    go_on(core, clock, minutes=10)

    assert sentence(told(core)[0]).endswith("The connection works and the server holds nothing new.")


def test_a_connection_that_does_not_work_is_named(core, clock, account_id, monkeypatch):
    report = ConnectionReport((Check("Incoming mail", False, "The server is away."),))
    monkeypatch.setattr(core.plugins.channels["echo"], "test_connection", lambda account: report)

    go_on(core, clock, hours=6)

    assert sentence(told(core)[0]).endswith("Its connection does not work: Incoming mail: The server is away.")


def test_little_is_told_with_its_numbers(core, clock, account_id):
    for _ in range(13):
        go_on(core, clock, hours=2)
        with writing(core) as unit:
            unit.counts[hourly_counter(ARRIVALS, clock.now(), account_id)] += 1
    go_on(core, clock, minutes=10)

    (notice,) = told(core)
    assert 0 < notice.data["came"] < notice.data["usual"] / 2
    assert notice.data["usual"] > 60
    assert " messages have come to " in sentence(notice)


def test_what_was_dismissed_stays_quiet_for_a_day(core, clock, account_id):
    go_on(core, clock, hours=6)
    notices.dismiss(core, SYSTEM, told(core)[0].id)

    go_on(core, clock, hours=12)
    assert told(core) == []
    go_on(core, clock, hours=13)
    assert len(told(core)) == 1


@on_sqlite
def test_an_account_that_is_paused_or_in_trouble_is_not_listened_to(core, clock, account_id):
    accounts.pause_account(core, SYSTEM, account_id)
    go_on(core, clock, hours=8)
    assert told(core) == []
    accounts.resume_account(core, SYSTEM, account_id)
    note_trouble(core, account_id, Temporary("The server is away."))
    go_on(core, clock, hours=8)
    assert told(core) == []

    accounts.resume_account(core, SYSTEM, account_id)
    go_on(core, clock, hours=1)

    assert told(core) == [], "in the hours in which nobody listened nothing was to be expected"


@on_sqlite
def test_nobody_is_told_of_an_account_whose_admins_do_not_want_it(core, clock, account_id, create_agent):
    go_on(core, clock, hours=6)
    warn_of_silence(core, SYSTEM, account_id, is_wanted=False)
    assert told(core) == []
    go_on(core, clock, hours=6)
    assert told(core) == []
    with pytest.raises(NotAllowed):
        warn_of_silence(core, create_agent("Mira", role="agent"), account_id, is_wanted=True)


def test_counts_of_long_ago_are_thrown_away(core, clock, account_id):
    with writing(core) as unit:
        unit.counts["arrived:2020-01-01"] = 7
    clock.advance(weeks=8)
    do_housekeeping(core)

    history = arrivals_by_account(core.session, clock.now() - timedelta(weeks=30))[account_id]
    kept = len(history.arrived)
    assert 0 < kept < 4 * 7 * 24 - 1
    assert min(history.watched) >= clock.now() - timedelta(weeks=10)
    assert core.session.get(Counter, "arrived:2020-01-01").value == 7
