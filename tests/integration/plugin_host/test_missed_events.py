"""Announcements that a plugin missed come again when somebody asks for it: in order, once, and to that plugin only."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.domain.events import AccountSaved, ConversationSummary, DeliveryFailed, MessageSummary
from app.errors import NotAllowed
from app.jobs.missed import deliver_missed
from app.models import AuditEntry, MissedEvent, PluginBreaker
from app.plugin_api.hookspecs import hookimpl
from app.plugin_host.hooks.validation import new_manager
from app.services.core import SYSTEM, Actor, writing
from app.services.plugins.missed import claim_missed, release_missed
from app.services.plugins.repair import forget_missed, replay

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CONVERSATION = ConversationSummary(1, 1, "Hello", "open", "mailbox", 1, 1, "Ada", "ada@example.com", NOW)
MESSAGE = MessageSummary(
    7, CONVERSATION, "inbound", "normal", "x", "text \0", True, False, True, None, NOW, 1, {"Phone": "1"}
)


class Ledger:
    """A plugin that writes down what it hears, or fails."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.is_broken = False

    @hookimpl
    def account_saved(self, saved):
        self._hear(saved)

    @hookimpl
    def delivery_failed(self, failure):
        self._hear(failure)

    def _hear(self, event: object) -> None:
        if self.is_broken:
            raise ValueError("no ink")
        self.heard.append(event)


@pytest.fixture
def ledgers(core, monkeypatch) -> dict[str, Ledger]:
    """Two such plugins in the test's installation, whose failures are isolated as they are outside of tests."""
    found = {"ledger": Ledger(), "other": Ledger()}
    manager = new_manager()
    for name, one in found.items():
        manager.register(one, name)
    core.plugins.dispatcher.replace(manager, dict.fromkeys(found, "host"))
    monkeypatch.setattr(core.plugins.dispatcher, "_raise_errors", False)
    return found


def kept(core) -> list[MissedEvent]:
    core.session.rollback()
    return list(core.session.scalars(select(MissedEvent).order_by(MissedEvent.id)))


def test_what_was_missed_comes_again_in_order_to_that_plugin_only(core, ledgers):
    ledger, other = ledgers["ledger"], ledgers["other"]
    ledger.is_broken = True
    events = [AccountSaved(number, is_new=True) for number in range(7)]
    for one in events:
        with writing(core) as unit:
            unit.announce("account_saved", saved=one)
    failure = DeliveryFailed(MESSAGE, "no such mailbox")
    core.plugins.dispatcher.announce("delivery_failed", failure=failure)
    assert other.heard == [*events, failure]
    core.plugins.flush_health()
    assert [(row.plugin, row.hook, row.state) for row in kept(core)] == [
        *[("ledger", "account_saved", "kept")] * 7,
        ("ledger", "delivery_failed", "kept"),
    ]
    assert core.session.scalars(select(PluginBreaker)).one().hook == "account_saved", "five of them were tried"
    assert deliver_missed(core) == 0, "nobody has asked yet"
    ledger.is_broken = False
    with pytest.raises(NotAllowed):
        replay(core, Actor(1, "Ben", "agent"), "ledger")
    assert replay(core, SYSTEM, "ledger") == 8
    core.plugins._refresh_at = 0.0
    core.plugins.refresh()
    assert deliver_missed(core) == 8
    clean = DeliveryFailed(MessageSummary(**{**fields_of(MESSAGE), "text": "text "}), "no such mailbox")
    assert ledger.heard == [*events, clean]
    assert other.heard == [*events, failure]
    assert kept(core) == []
    assert deliver_missed(core) == 0
    assert core.session.scalars(select(AuditEntry.action)).all() == ["plugin.missed_replayed"]


def test_what_fails_again_is_kept_and_counted_but_not_twice(core, ledgers):
    ledger = ledgers["ledger"]
    ledger.is_broken = True
    core.plugins.dispatcher.announce("account_saved", only="ledger", saved=AccountSaved(1, is_new=True))
    core.plugins.flush_health()
    replay(core, SYSTEM, "ledger", "account_saved")
    assert deliver_missed(core) == 0
    core.plugins.flush_health()
    (row,) = kept(core)
    assert (row.state, row.attempts, row.reason, row.leased_until) == ("kept", 1, "ValueError: no ink", None)


def test_what_cannot_be_called_now_stays_due(core, ledgers, clock):
    ledger = ledgers["ledger"]
    ledger.is_broken = True
    for number in range(3):
        core.plugins.dispatcher.announce("account_saved", saved=AccountSaved(number, is_new=True))
    core.plugins.flush_health()
    replay(core, SYSTEM, "ledger")
    health = core.plugins.health.record("ledger", "account_saved")
    health.rests_until = core.plugins.health.timer() + 60
    assert deliver_missed(core) == 0
    assert [row.state for row in kept(core)] == ["due"] * 3
    health.rests_until = 0.0
    ledger.is_broken = False
    core.plugins.dispatcher.replace(new_manager(), {})
    assert deliver_missed(core) == 0, "the plugin is switched off"
    manager = new_manager()
    manager.register(ledger, "ledger")
    core.plugins.dispatcher.replace(manager, {"ledger": "host"})
    assert deliver_missed(core) == 3


def test_two_workers_do_not_deliver_the_same(core, ledgers, clock):
    ledgers["ledger"].is_broken = True
    for number in range(2):
        core.plugins.dispatcher.announce("account_saved", saved=AccountSaved(number, is_new=True))
    core.plugins.flush_health()
    replay(core, SYSTEM, "ledger")
    hooks = {("ledger", "account_saved")}
    taken = claim_missed(core, hooks)
    assert [event.arguments["saved"]["account_id"] for event in taken] == [0, 1]
    assert claim_missed(core, hooks) == []
    release_missed(core, taken[:1])
    assert claim_missed(core, hooks) == [], "in order: the other worker still has one of this plugin"
    clock.advance(minutes=11)
    assert len(claim_missed(core, hooks)) == 2, "it died"


def test_what_no_longer_fits_its_hook_is_kept_with_the_reason(core, ledgers):
    with writing(core) as unit:
        for hook, arguments, version in (
            ("account_saved", {"saved": {"account_id": 1}}, 1),
            ("account_saved", {"gone": 1}, 1),
            ("account_saved", {"saved": {"account_id": 1, "is_new": True}}, 99),
            ("account_saved", {"saved": {"account_id": 1, "is_new": True, "since_removed": 5}}, 1),
        ):
            unit.session.add(
                MissedEvent(
                    plugin="ledger",
                    hook=hook,
                    arguments=arguments,
                    payload_version=version,
                    created_at=NOW,
                    state="due",
                )
            )
    assert deliver_missed(core) == 1
    assert ledgers["ledger"].heard == [AccountSaved(1, is_new=True)]
    assert [(row.state, row.attempts) for row in kept(core)] == [("kept", 1)] * 3
    assert "no longer fits" in kept(core)[0].reason
    assert forget_missed(core, SYSTEM, "ledger", "account_saved") == 3
    assert kept(core) == []


def fields_of(message: MessageSummary) -> dict:
    return {name: getattr(message, name) for name in MessageSummary.__dataclass_fields__}
