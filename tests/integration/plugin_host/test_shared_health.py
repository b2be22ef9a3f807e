"""What one process learns of a plugin holds in all of them: breakers, costs, missed announcements, samples and conflicts.

Two plugin hosts over one database stand for two processes.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.domain.events import AccountSaved
from app.errors import InvalidInput, NotAllowed
from app.models import HookSample, MissedEvent, Notice, PluginBreaker, PluginConflict, PluginCost, PluginState
from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.messages import InboundMessage, Participant
from app.plugin_host import Limits, PluginHost
from app.plugin_host.calls.watch import watchdog_for
from app.plugin_host.hooks.validation import new_manager
from app.services.core import SYSTEM, Actor, writing
from app.services.plugins.backend import ServicesBackend
from app.services.plugins.data import throw_away_data
from app.services.plugins.health import forget_old_health
from app.services.plugins.limits import limits_of, put_limits

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Timer:
    """Seconds that pass only when told; all hosts of a test share them."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def pass_time(clock) -> Callable[[float], None]:
    timer = Timer()

    def step(seconds: float) -> None:
        timer.seconds += seconds
        clock.advance(seconds=seconds)

    step.timer = timer
    return step


@pytest.fixture
def create_process(core, clock, pass_time) -> Callable[..., PluginHost]:
    """A host over the test's database whose plugins are objects."""

    def create(limits: Limits | None = None, **plugins: dict[str, Callable[..., Any]]) -> PluginHost:
        host = PluginHost(ServicesBackend(lambda: core), clock, limits=limits, find=lambda: [])
        watch_with(host, pass_time.timer)
        host.start()
        manager = new_manager()
        for name, functions in plugins.items():
            manager.register(SimpleNamespace(**{hook: hookimpl(one) for hook, one in functions.items()}), name)
        host.dispatcher.replace(manager, dict.fromkeys(plugins, "host"))
        return host

    return create


def watch_with(host: PluginHost, timer: Callable[[], float]) -> None:
    host.health.timer = timer
    host.dispatcher.watchdog = watchdog_for(timer)
    host.dispatcher._threads = host.dispatcher.watchdog.threads


def looks(host: PluginHost) -> None:
    host._refresh_at = 0.0
    host.refresh()


def test_a_breaker_opens_for_all_and_closes_for_all(core, create_process, pass_time):
    is_broken, calls = [True], []

    def saved(saved):
        calls.append(saved)
        if is_broken:
            raise ValueError("broken\0 \ud800")

    limits = Limits(failures_in_row=3, pause_s=60)
    here, there = (create_process(limits, weather={"account_saved": saved}) for _ in range(2))
    looks(there)
    for number in range(4):
        here.dispatcher.announce("account_saved", saved=number)
    assert len(calls) == 3
    looks(here)
    row = core.session.get(PluginBreaker, ("weather", "account_saved"))
    assert (row.times_opened, row.last_error) == (1, "ValueError: broken")
    assert row.rests_until - row.opened_at == timedelta(seconds=60)
    notice = core.session.scalars(select(Notice)).one()
    assert (notice.subject, notice.closed_at) == ("plugin:weather:account_saved:resting", None)
    looks(there)
    there.dispatcher.announce("account_saved", saved=5)
    assert len(calls) == 3, "it rests there too"
    late = create_process(limits, weather={"account_saved": saved})
    looks(late)
    late.dispatcher.announce("account_saved", saved=6)
    assert len(calls) == 3, "and in a process that starts later"

    pass_time(61)
    there.dispatcher.announce("account_saved", saved=7)
    assert len(calls) == 4, "one trial"
    looks(there)
    core.session.expire_all()
    row = core.session.get(PluginBreaker, ("weather", "account_saved"))
    assert row.times_opened == 2
    assert core.session.scalars(select(Notice)).one().times == 1, "the admins know already"
    looks(here)
    here.dispatcher.announce("account_saved", saved=8)
    assert len(calls) == 4, "the trial failed for all"

    pass_time(61)
    is_broken.clear()
    here.dispatcher.announce("account_saved", saved=9)
    looks(here)
    looks(there)
    assert core.session.scalars(select(PluginBreaker)).all() == []
    assert core.session.scalars(select(Notice)).one().closed_at is not None
    there.dispatcher.announce("account_saved", saved=10)
    assert calls[-2:] == [9, 10]


def test_switching_a_plugin_lets_it_be_called_again_everywhere(core, create_process):
    limits = Limits(failures_in_row=1)
    here, there = (create_process(limits, weather={"account_saved": lambda saved: 1 / 0}) for _ in range(2))
    here.dispatcher.announce("account_saved", saved=1)
    looks(here)
    looks(there)
    assert there.health.record("weather", "account_saved").is_resting
    ServicesBackend(lambda: core).set_active("weather", True, "2", ())
    looks(there)
    looks(here)
    assert not there.health.record("weather", "account_saved").is_resting
    assert not here.health.record("weather", "account_saved").is_resting
    assert core.session.scalars(select(Notice)).one().closed_at is not None


def test_costs_of_all_processes_add_up_in_periods(core, clock, create_process, pass_time):
    def slow(saved):
        pass_time.timer.seconds += saved

    hosts = [create_process(weather={"account_saved": slow}) for _ in range(2)]
    clock.advance(minutes=7)
    for host, seconds in zip(hosts, (0.1, 0.4), strict=True):
        host.dispatcher.announce("account_saved", saved=seconds)
        host.dispatcher.guarded("weather", "page index")(len, "")
        host.flush_health()
    rows = {row.hook: row for row in core.session.scalars(select(PluginCost))}
    both = rows["account_saved"]
    assert both.period_at == clock.now().replace(minute=5, second=0)
    assert (both.calls, both.slow_calls, both.failures) == (2, 1, 0)
    assert (both.seconds, both.slowest_s) == (pytest.approx(0.5), pytest.approx(0.4))
    assert rows["page index"].calls == 2
    pass_time(300)
    hosts[0].dispatcher.announce("account_saved", saved=0.01)
    hosts[0].flush_health()
    periods = core.session.scalars(
        select(PluginCost).where(PluginCost.hook == "account_saved").order_by(PluginCost.period_at)
    ).all()
    assert [row.calls for row in periods] == [2, 1]
    assert periods[1].slowest_s == pytest.approx(0.01), "the slowest of each period"
    clock.advance(hours=24, minutes=58)
    forget_old_health(core)
    assert len(core.session.scalars(select(PluginCost)).all()) == 1


def test_queries_are_counted_on_the_hook_that_makes_them(core, create_process):
    def ask_database(saved):
        core.session.scalar(select(PluginState.name).limit(1))
        core.session.scalar(select(PluginState.name).limit(1))

    core.session.rollback()
    host = create_process(weather={"account_saved": ask_database})
    watch_with(host, perf_counter)
    core.session.scalar(select(PluginState.name).limit(1))
    host.dispatcher.announce("account_saved", saved=1)
    core.session.scalar(select(PluginState.name).limit(1))
    assert host.health.record("weather", "account_saved").queries == 2


def test_nothing_is_lost_while_the_database_is_away_or_busy_with_us(core, create_process, monkeypatch, pass_time):
    host = create_process(weather={"account_saved": lambda saved: 1 / 0, "conversation_created": lambda: None})
    host.dispatcher.announce("account_saved", saved=1)
    host.dispatcher.announce("conversation_created", conversation=1, message=None)
    with writing(core):
        host.flush_health()
    of_weather = select(PluginCost).where(PluginCost.plugin == "weather")
    assert core.session.scalars(of_weather).all() == []

    def away(*_arguments, **_named):
        raise OperationalError("BEGIN", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patch:
        patch.setattr("app.services.plugins.health._add_collisions", away)
        host.flush_health()
    core.session.rollback()
    assert core.session.scalars(of_weather).all() == []
    assert not host.health.is_due, "it waits before it tries again"
    host.dispatcher.announce("account_saved", saved=2)
    pass_time(11)
    looks(host)
    rows = {row.hook: row for row in core.session.scalars(select(PluginCost))}
    assert (rows["account_saved"].calls, rows["account_saved"].failures) == (2, 2)
    assert rows["account_saved"].last_error == "ZeroDivisionError: division by zero"
    assert rows["conversation_created"].calls == 1
    state = core.session.get(PluginState, "weather")
    assert (state.failures, state.is_active) == (2, False)


def test_the_last_call_of_a_hook_is_kept_masked(core, create_process, pass_time):
    message = InboundMessage(
        "1@example.com",
        Participant("email", "ada@example.com", "Ada Byron"),
        "My cat Tom",
        content_key="k",
        sent_at=NOW,
    )
    host = create_process()
    host.dispatcher.filter("filter_inbound", message, account=None)
    host.flush_health()
    first = core.session.get(HookSample, "filter_inbound")
    assert '"kind": "email"' in first.payload
    assert "Aaa Aaaaa, 9 characters" in first.payload
    for word in ("ada", "Ada", "Byron", "Tom", "example"):
        assert word not in first.payload
    pass_time(5)
    host.dispatcher.filter("filter_inbound", replace(message, text="x" * 99), account=None)
    pass_time(6)
    host.dispatcher.filter("filter_inbound", replace(message, text="x" * 77), account=None)
    host.flush_health()
    core.session.expire_all()
    assert "77 characters" in core.session.get(HookSample, "filter_inbound").payload


def test_two_filters_that_change_the_same_are_told_of(core, create_process, pass_time):
    message = InboundMessage(
        "1@example.com", Participant("email", "ada@example.com"), "Hi", NOW, content_key="k", subject="Hello"
    )
    host = create_process(
        tidy={"filter_inbound": lambda message: replace(message, subject="tidy")},
        loud={"filter_inbound": lambda message: replace(message, subject=message.subject.upper(), text="LOUD")},
        calm={"filter_inbound": lambda message: None},
    )
    for _ in range(2):
        host.dispatcher.filter("filter_inbound", message, account=None)
    host.flush_health()
    row = core.session.scalars(select(PluginConflict)).one()
    assert (row.hook, row.field, row.first, row.second, row.times) == ("filter_inbound", "subject", "loud", "tidy", 2)
    throw_away_data(core, "tidy")
    assert core.session.scalars(select(PluginConflict)).all() == []


def test_limits_hold_in_every_process_once_an_admin_set_them(core, create_process):
    host = create_process(weather={"account_saved": lambda saved: 1 / 0})
    assert limits_of(core) == Limits()
    put_limits(core, SYSTEM, {"failures_in_row": 2, "pause_s": 5})
    looks(host)
    assert host.health.limits == limits_of(core) == Limits(failures_in_row=2, pause_s=5.0)
    for number in range(3):
        host.dispatcher.announce("account_saved", saved=number)
    assert host.health.record("weather", "account_saved").failures == 2
    with pytest.raises(InvalidInput) as refused:
        put_limits(core, SYSTEM, {"request_s": 0.1})
    assert set(refused.value.fields) == {"request_s"}
    with pytest.raises(InvalidInput):
        put_limits(core, SYSTEM, {"slow_call_s": 9.0, "request_s": 1.0})
    with pytest.raises(NotAllowed):
        put_limits(core, Actor(1, "Ben", "agent"), {})


def test_of_missed_announcements_the_newest_thousand_are_kept(core, clock, create_process):
    host = create_process(Limits(failures_in_row=1), weather={"account_saved": lambda saved: 1 / 0})
    for part in range(2):
        for number in range(600):
            host.dispatcher.announce("account_saved", saved=AccountSaved(part * 600 + number, is_new=False))
        looks(host)
    rows = core.session.scalars(select(MissedEvent).order_by(MissedEvent.id)).all()
    assert len(rows) == 1000
    assert rows[-1].arguments == {"saved": {"account_id": 1199, "is_new": False}}
    assert rows[-1].reason == "ZeroDivisionError: division by zero"
    clock.advance(days=31)
    forget_old_health(core)
    assert core.session.scalars(select(MissedEvent)).all() == []
