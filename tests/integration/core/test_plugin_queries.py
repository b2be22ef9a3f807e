"""Promises of what the plugins pages read, on both databases, with as few queries as they say."""

from datetime import timedelta

import pytest

from app.models import HookSample, MissedEvent, PluginBreaker, PluginConflict, PluginCost, PluginState, SettingChange
from app.queries.plugin_conflicts import seen_conflicts
from app.queries.plugin_hooks import hook_errors, hook_samples
from app.queries.plugin_page import missed_events, open_breakers, period_costs, setting_changes
from app.queries.plugins import hour_costs, plugin_facts, resting_hooks
from app.services.core import writing


@pytest.fixture
def now(core):
    return core.clock.now()


@pytest.fixture
def add(core):
    """Return a function that stores rows."""

    def store(*rows):
        with writing(core) as unit:
            unit.session.add_all(rows)

    return store


def create_missed(now, hook="message_received", minutes_ago=0, **fields):
    at = now - timedelta(minutes=minutes_ago)
    return MissedEvent(plugin="weather", hook=hook, arguments={}, created_at=at, **fields)


def test_only_the_last_hour_counts(core, add, now):
    def cost(hook, minutes_ago, seconds):
        at = now - timedelta(minutes=minutes_ago)
        return PluginCost(plugin="weather", hook=hook, period_at=at, calls=2, seconds=seconds, failures=1)

    add(cost("a", 5, 0.5), cost("b", 5, 0.25), cost("a", 50, 0.25), cost("a", 70, 9.0))
    found = hour_costs(core.session, now)["weather"]

    assert (found.calls, found.seconds, found.failures) == (6, 1.0, 3)
    assert [cost.hook for cost in period_costs(core.session, "weather", now)] == ["a", "a", "b"]
    assert period_costs(core.session, "echo", now) == []


def test_facts_join_what_was_decided_with_accounts(core, add, now, create_account):
    add(PluginState(name="weather", version="1.2", is_active=True, granted=["store"], failures=3, changed_at=now))
    create_account("echo")
    facts = plugin_facts(core.session)

    assert (facts["weather"].granted, facts["weather"].version, facts["weather"].failures) == ({"store"}, "1.2", 3)
    assert facts["echo"].account_count == 1


def test_what_was_missed_is_counted_by_hook_with_the_last_reason(core, add, now):
    add(
        create_missed(now, minutes_ago=9, reason="It failed."),
        create_missed(now, minutes_ago=5, state="due", reason="It failed again."),
        create_missed(now, minutes_ago=1, reason="It rests."),
        create_missed(now, hook="message_sent"),
    )
    first, second = missed_events(core.session, "weather")

    assert (first.hook, first.kept, first.due, first.reason) == ("message_received", 2, 1, "It rests.")
    assert first.since == now - timedelta(minutes=9)
    assert (second.hook, second.kept, second.due) == ("message_sent", 1, 0)


def test_the_last_errors_of_hooks_are_told_apart(core, add, now):
    def cost(hook, minutes_ago, **error):
        return PluginCost(plugin="weather", hook=hook, period_at=now - timedelta(minutes=minutes_ago), **error)

    earlier = now - timedelta(minutes=20)
    add(
        cost("message_sent", 25, last_error="KeyError: 'old'", failed_at=earlier),
        cost("message_sent", 5, last_error="KeyError: 'x'", failed_at=now),
        cost("filter_inbound", 5),
        PluginBreaker(plugin="weather", hook="message_sent", opened_at=now, rests_until=now + timedelta(minutes=1)),
    )
    errors = hook_errors(core.session)

    assert {key: (error.text, error.failed_at) for key, error in errors.items()} == {
        ("weather", "message_sent"): ("KeyError: 'x'", now)
    }
    assert resting_hooks(core.session) == {"weather": ("message_sent",)}
    assert [one.rests_until for one in open_breakers(core.session, "weather")] == [now + timedelta(minutes=1)]


def test_samples_conflicts_and_changes_are_read_as_they_were_written(core, add, now):
    add(
        HookSample(hook="message_sent", payload="x", seen_at=now),
        PluginConflict(hook="filter_inbound", field="text", first="a", second="b", times=2, seen_at=now),
        SettingChange(plugin="weather", key="units", before="a", after="b", agent_name="Ada", changed_at=now),
        SettingChange(plugin="weather", key="key", is_secret=True, agent_name="Ada", changed_at=now),
    )

    assert hook_samples(core.session)["message_sent"].payload == "x"
    assert [(one.first, one.second, one.times) for one in seen_conflicts(core.session)] == [("a", "b", 2)]
    assert [(one.key, one.before, one.is_secret) for one in setting_changes(core.session, "weather")] == [
        ("key", None, True),
        ("units", "a", False),
    ]
