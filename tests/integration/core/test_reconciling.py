"""Comparing with a provider: when it is due, who does it, what trouble does. Real mailboxes are compared in `integration/mailbox`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.domain.nightly import last_turn
from app.errors import Conflict, NotAllowed
from app.models import ChannelAccount, EventState, InboundEvent, Message, Notice, Reconciliation
from app.plugin_api.channel import Capability
from app.plugin_api.errors import NeedsReauth, Temporary
from app.plugin_api.inventory import Listed, ListedMail
from app.plugin_api.messages import FetchBatch, InboundMessage, Participant, RawEvent
from app.services import accounts, comparing
from app.services.core import SYSTEM, writing
from app.services.intake import process_event
from app.services.journal import record_events
from app.services.reconciling import claim_comparison, due_comparisons, keep_comparisons, reconcile, wish_for

HOUR = timedelta(hours=1)


class Shelf:
    """A provider that holds messages: key to (id, text, when it took it). What `fetches` makes of them is up to the test."""

    def __init__(self, core, account_id, monkeypatch) -> None:
        self.core, self.account_id = core, account_id
        self.channel = core.plugins.channels["echo"]
        self.held: dict[str, tuple[str, str, datetime]] = {}
        self.trouble: BaseException | None = None
        self.described: list[str] = []
        self.fetched: list[str] = []
        for name in ("inventory", "describe", "fetch_listed", "translate"):
            monkeypatch.setattr(self.channel, name, getattr(self, name), raising=False)
        capabilities = self.channel.capabilities | {Capability.INVENTORY}
        monkeypatch.setattr(self.channel, "capabilities", capabilities, raising=False)
        with writing(core) as unit:
            unit.session.get_one(ChannelAccount, account_id).cursor = {"read": 1}

    def put(self, key, text="Where is my lamp?", *, external_id=None, at=None):
        self.held[key] = (external_id or f"{key}@x.example", text, at or self.core.clock.now() - HOUR)

    def comes(self, *keys):
        for event_id in record_events(self.core, self.account_id, [self._event(key) for key in keys]):
            process_event(self.core, event_id)

    def compare(self, **wish):
        wish_for(self.core, SYSTEM, self.account_id, **wish)
        run = claim_comparison(self.core, self.account_id, "host:1")
        reconcile(self.core, run)
        return self.result()

    def result(self):
        return self.core.session.get(Reconciliation, self.account_id, populate_existing=True)

    # ---- the channel
    def inventory(self, account):
        assert not self.core.session.info.get("is_writing")
        if self.trouble:
            raise self.trouble
        yield [Listed(key, key.partition(":")[0]) for key in self.held]

    def describe(self, account, source_keys):
        self.described += source_keys
        for key in source_keys:
            if key in self.held:
                external_id, text, at = self.held[key]
                yield ListedMail(key, external_id, len(text.encode()), "ada@x.example", "Lamp", at)

    def fetch_listed(self, account, source_keys):
        for key in source_keys:
            self.fetched.append(key)
            yield FetchBatch((self._event(key),), account.cursor)

    def translate(self, account, event):
        sender = Participant("email", "ada@x.example")
        at = datetime.fromisoformat(event.meta["received_at"])
        text = event.payload.decode()
        return [InboundMessage(event.meta["id"], sender, text, at, content_key=text)]

    def _event(self, key):
        external_id, text, at = self.held[key]
        return RawEvent(text.encode(), key, "text/plain", {"id": external_id, "received_at": at.isoformat()})


@pytest.fixture
def account_id(create_account):
    return create_account("echo")


@pytest.fixture
def shelf(core, account_id, monkeypatch):
    return Shelf(core, account_id, monkeypatch)


def texts(core):
    core.session.rollback()
    return list(core.session.scalars(select(Message.text).order_by(Message.id)))


def numbers(row):
    return row.on_server, row.here, row.missing


def notices(core):
    core.session.rollback()
    statement = select(Notice).where(Notice.subject.endswith(":gap"), Notice.closed_at.is_(None))
    return list(core.session.scalars(statement))


def test_what_came_is_here_and_costs_no_question(shelf):
    shelf.put("in:1")
    shelf.put("in:2", "And the bulb?")
    shelf.comes("in:1", "in:2")

    row = shelf.compare()

    assert numbers(row) == (2, 2, 0)
    assert row.places == [{"place": "in", "on_server": 2, "here": 2, "missing": 0}]
    assert (shelf.described, shelf.fetched, row.finished_at) == ([], [], shelf.core.clock.now())


def test_little_that_is_missing_is_fetched_and_told(core, shelf):
    shelf.put("in:1")
    shelf.comes("in:1")
    shelf.put("in:2", "Nobody has seen me")

    row = shelf.compare()

    assert (numbers(row), row.repaired, row.gaps) == ((2, 2, 0), 1, [])
    assert texts(core) == ["Where is my lamp?", "Nobody has seen me"]
    (notice,) = notices(core)
    assert (notice.level, notice.data["count"]) == ("info", 1)
    shelf.compare()
    assert notices(core) == []


def test_much_that_is_missing_is_fetched_only_when_it_is_wished(core, shelf, monkeypatch):
    monkeypatch.setattr("app.services.reconciling.MOST_REPAIRED_ALONE", 1)
    for number in range(3):
        shelf.put(f"in:{number}", f"Mail {number}")

    row = shelf.compare()

    assert (numbers(row), row.repaired, texts(core)) == ((3, 0, 3), 0, [])
    assert [(gap["key"], gap["sender"], gap["subject"]) for gap in row.gaps][0] == ("in:0", "ada@x.example", "Lamp")
    assert [(one.level, one.data["count"]) for one in notices(core)] == [("warning", 3)]

    row = shelf.compare(repair=True)

    assert (numbers(row), row.repaired, len(texts(core)), row.gaps) == ((3, 3, 0), 3, 3, [])
    assert (row.wanted_at, row.wants_repair) == (None, False)


def test_a_message_under_another_number_is_here_and_is_not_asked_about_again(core, shelf):
    shelf.put("in:1")
    shelf.comes("in:1")
    shelf.held["in:77"] = shelf.held.pop("in:1")

    first, again = numbers(shelf.compare()), numbers(shelf.compare())

    assert (first, again, shelf.described, shelf.fetched) == ((1, 1, 0), (1, 1, 0), ["in:77"], [])
    copy = core.session.scalars(select(InboundEvent).where(InboundEvent.source_key == "in:77")).one()
    assert (copy.state, copy.message_id) == (EventState.DUPLICATE, core.session.scalars(select(Message.id)).one())
    assert shelf.result().gone == 0


@pytest.mark.parametrize("change", ["size", "moment"])
def test_a_reused_id_hides_nothing(core, shelf, change):
    shelf.put("in:1")
    shelf.comes("in:1")
    text = "Another text" if change == "size" else "Where is my lamb?"
    at = core.clock.now() - 2 * HOUR if change == "moment" else None
    shelf.put("in:2", text, external_id="in:1@x.example", at=at)

    row = shelf.compare()

    assert (numbers(row), shelf.fetched) == ((2, 2, 0), ["in:2"])
    assert texts(core) == ["Where is my lamp?", text]


def test_a_copy_with_another_date_is_fetched_and_recognised_by_its_content(core, shelf):
    shelf.put("in:1")
    shelf.comes("in:1")
    shelf.put("in:2", external_id="in:1@x.example", at=core.clock.now() - 2 * HOUR)

    row = shelf.compare()

    assert (numbers(row), row.repaired, len(texts(core)), notices(core)) == ((2, 2, 0), 0, 1, [])


def test_what_is_gone_at_the_provider_is_counted(shelf):
    shelf.put("in:1")
    shelf.put("in:2", "Throw me away")
    shelf.comes("in:1", "in:2")
    del shelf.held["in:2"]

    row = shelf.compare()

    assert (numbers(row), row.gone) == ((1, 1, 0), 1)


def test_what_cannot_be_read_is_here_and_waits(core, shelf, monkeypatch):
    shelf.put("in:1")
    monkeypatch.setattr(shelf.channel, "translate", lambda account, event: 1 / 0)
    shelf.comes("in:1")

    row = shelf.compare()

    assert (numbers(row), row.undelivered) == ((1, 1, 0), 1)


def test_what_came_just_now_is_left_to_its_poller(core, shelf):
    shelf.put("in:1", at=core.clock.now() - timedelta(minutes=3))

    row = shelf.compare()

    assert (numbers(row), shelf.fetched) == ((0, 0, 0), [])


def test_trouble_is_written_down_and_harms_nothing_else(core, clock, shelf):
    shelf.put("in:1")
    shelf.comes("in:1")
    shelf.compare()
    shelf.trouble = NeedsReauth("The password is wrong.")

    row = shelf.compare()

    assert (row.problem, numbers(row), row.wanted_at) == ("The password is wrong.", (1, 1, 0), None)
    assert core.session.get_one(ChannelAccount, shelf.account_id).state == "active"
    shelf.trouble = None
    assert shelf.compare().problem == ""


def test_an_inventory_without_end_is_refused_and_asks_for_nothing(shelf, monkeypatch):
    monkeypatch.setattr(comparing, "MOST_LISTED", 2)
    for number in range(2):
        shelf.put(f"INBOX:{number}")
    assert shelf.compare().problem == ""

    shelf.put("INBOX:2")
    result = shelf.compare()

    assert "more than 500,000 messages" in result.problem
    assert (result.on_server, shelf.fetched) == (2, ["INBOX:0", "INBOX:1"])


def test_a_fault_of_the_plugin_is_no_secret_and_no_stack(shelf):
    shelf.trouble = ZeroDivisionError("secret")

    assert shelf.compare().problem == "The plugin failed (ZeroDivisionError)."


def test_a_comparison_that_is_stopped_is_done_by_the_next_process(core, shelf):
    shelf.put("in:1")
    wish_for(core, SYSTEM, shelf.account_id, repair=True)

    reconcile(core, claim_comparison(core, shelf.account_id, "host:1"), lambda: True)

    row = shelf.result()
    assert (row.finished_at, row.wants_repair, row.lease_owner) == (None, True, "")
    assert due_comparisons(core) == [shelf.account_id]


def test_one_process_at_a_time_compares_an_account(core, clock, shelf):
    run = claim_comparison(core, shelf.account_id, "elsewhere:1")
    assert claim_comparison(core, shelf.account_id, "elsewhere:2") is None
    clock.advance(minutes=1.5)
    keep_comparisons(core, "elsewhere:1")
    clock.advance(minutes=1.5)
    assert claim_comparison(core, shelf.account_id, "elsewhere:2") is None

    clock.advance(minutes=3)  # it was asleep
    other = claim_comparison(core, shelf.account_id, "elsewhere:2")
    shelf.put("in:1", "Mine")
    reconcile(core, run)

    assert other is not None
    assert (shelf.result().finished_at, shelf.result().lease_owner) == (None, "elsewhere:2")


def test_what_another_process_has_just_compared_is_not_compared_again(core, shelf):
    """It was due when this process looked, and done when it came to claim it."""
    wish_for(core, SYSTEM, shelf.account_id)
    assert due_comparisons(core) == [shelf.account_id]
    reconcile(core, claim_comparison(core, shelf.account_id, "elsewhere:1"))

    assert claim_comparison(core, shelf.account_id, "elsewhere:2") is None


def test_a_wish_during_a_run_is_not_lost(core, clock, shelf):
    run = claim_comparison(core, shelf.account_id, "host:1")
    clock.advance(seconds=5)
    wish_for(core, SYSTEM, shelf.account_id, repair=True)

    reconcile(core, run)

    row = shelf.result()
    assert (row.finished_at, row.wanted_at, row.wants_repair) == (clock.now(), clock.now(), True)


def test_an_account_is_due_once_a_night_and_an_hour_after_trouble(core, clock, shelf):
    assert due_comparisons(core) == [shelf.account_id]  # never compared
    shelf.compare()
    assert due_comparisons(core) == []
    clock.advance(hours=24)
    assert due_comparisons(core) == [shelf.account_id]
    shelf.trouble = Temporary("Away")
    reconcile(core, claim_comparison(core, shelf.account_id, "host:1"))
    clock.advance(minutes=59)
    assert due_comparisons(core) == []
    clock.advance(minutes=2)
    assert due_comparisons(core) == [shelf.account_id]


def test_accounts_that_do_not_work_or_were_never_read_are_not_compared(core, create_account, create_agent, shelf):
    accounts.pause_account(core, SYSTEM, shelf.account_id)
    unread = create_account("echo")

    assert due_comparisons(core) == []
    for account_id in (shelf.account_id, unread):
        assert claim_comparison(core, account_id, "host:1") is None
        with pytest.raises(Conflict):
            wish_for(core, SYSTEM, account_id)
    with pytest.raises(NotAllowed):
        wish_for(core, create_agent("Mira", role="agent"), shelf.account_id)


def test_turns_come_once_a_night_whatever_the_clocks_do():
    berlin = ZoneInfo("Europe/Berlin")
    for number in (0, 7, 40):
        begins = datetime(2026, 3, 20, tzinfo=UTC)
        turns = {last_turn(begins + timedelta(minutes=5 * step), number, berlin) for step in range(20 * 24 * 12)}
        days = sorted(turn.astimezone(berlin).date() for turn in turns)
        assert len(days) == len(set(days)) == 21
        assert all(2 <= turn.astimezone(berlin).hour < 6 for turn in turns)
    assert last_turn(begins, 1, berlin) != last_turn(begins, 2, berlin)


def test_keys_that_no_database_holds_are_found_again(core, shelf):
    key = "in:\0" + "x" * 400
    shelf.put(key, external_id="1@x.example")
    shelf.comes(key)

    assert numbers(shelf.compare()) == (1, 1, 0)


def test_an_account_shows_itself_again_when_its_inventory_was_described_by_another_key(shelf, monkeypatch):
    shelf.put("in:1")

    def describe(account, source_keys):
        for mail in Shelf.describe(shelf, account, source_keys):
            yield replace(mail, source_key="in:2")

    monkeypatch.setattr(shelf.channel, "describe", describe)

    assert numbers(shelf.compare()) == (0, 0, 0)
