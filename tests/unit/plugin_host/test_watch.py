"""Plugin code that takes too long is interrupted, and nothing else ever is."""

import asyncio
import logging
import math
import os
import subprocess
import sys
import textwrap
import threading
import time
from types import SimpleNamespace

import pytest

from app.clock import SystemClock
from app.errors import NotFound
from app.plugin_api.hookspecs import hookimpl
from app.plugin_host import Dispatcher, HealthBook, Limits
from app.plugin_host.calls.watch import WATCHDOG, HookTimeout, Watchdog, _raise_in
from app.plugin_host.health.book import TimedOut
from app.plugin_host.hooks.shapes import read_specs
from app.plugin_host.hooks.validation import new_manager

SHORT = Limits(slow_call_s=0.002, request_s=0.002, call_s=0.15, pause_s=60)


def create_dispatcher(limits: Limits = SHORT, watchdog: Watchdog | None = None, timer=None, **plugins) -> Dispatcher:
    book = HealthBook(limits) if timer is None else HealthBook(limits, timer=timer)
    dispatcher = Dispatcher(read_specs(), book, SystemClock(), watchdog=watchdog)
    manager = new_manager()
    for name, function in plugins.items():
        manager.register(SimpleNamespace(message_received=hookimpl(function)), name)
    dispatcher.replace(manager, dict.fromkeys(plugins, "host"))
    return dispatcher


@pytest.fixture(autouse=True)
def _quiet(caplog):
    logging.getLogger("tidings.plugins").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("tidings.plugins").setLevel(logging.NOTSET)
    WATCHDOG.slot.limit_s = 0.0


@pytest.fixture(autouse=True)
def _nothing_arrives_late():
    """After each test this thread runs code of its own for longer than the watchdog needs to strike again."""
    yield
    spin(0.25)


def spin(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def hang(message: object) -> None:
    while True:
        pass


def test_an_endless_loop_is_ended_and_its_hook_rests_at_once():
    heard = []
    dispatcher = create_dispatcher(good=lambda message: heard.append(message), hanging=hang)
    started = time.perf_counter()
    dispatcher.announce("message_received", message=1)
    assert 0.15 <= time.perf_counter() - started < 5
    assert heard == [1]
    (health,) = dispatcher.health.of_plugin("hanging")
    assert health.is_resting
    assert health.failures == 1
    assert health.overdue == 0
    assert "0.15 s are allowed" in health.last_error
    dispatcher.announce("message_received", message=2)
    assert health.skipped == 1
    assert heard == [1, 2]


def test_what_swallows_the_exception_gets_another_one():
    swallowed = []

    def stubborn(message: object) -> None:
        while len(swallowed) < 3:
            try:
                hang(message)
            except BaseException as error:  # noqa: BLE001 - that is what this plugin does wrong
                swallowed.append(type(error).__name__)
        hang(message)

    dispatcher = create_dispatcher(stubborn=stubborn)
    dispatcher.announce("message_received", message=1)
    assert swallowed == ["HookTimeout"] * 3
    assert dispatcher.health.of_plugin("stubborn")[0].failures == 1


def test_a_call_that_blocks_opens_its_breaker_before_it_ends():
    seen = []
    dispatcher = create_dispatcher(sleepy=lambda message: time.sleep(0.6))
    thread = threading.Thread(target=lambda: dispatcher.announce("message_received", message=1))
    thread.start()
    time.sleep(0.35)
    (health,) = dispatcher.health.of_plugin("sleepy")
    seen.append((health.is_resting, health.overdue))
    health.rests_until = 1.0  # its pause is over
    started = time.perf_counter()
    dispatcher.announce("message_received", message=2)
    assert time.perf_counter() - started < 0.1, "while a call hangs no second one is tried"
    thread.join()
    assert seen == [(True, 1)]
    assert health.is_resting
    assert (health.calls, health.failures, health.skipped, health.overdue) == (1, 1, 1, 0)


def test_the_limit_of_a_request_holds_for_its_thread_only_and_its_slow_calls_are_collected():
    dispatcher = create_dispatcher(Limits(slow_call_s=0.02, request_s=0.02, call_s=10), slow=lambda message: spin(0.06))
    dispatcher.announce("message_received", message=1)
    assert dispatcher.health.of_plugin("slow")[0].failures == 0
    assert dispatcher.slot.slow == []
    slot = dispatcher.limit_thread(5)
    dispatcher.announce("message_received", message=1)
    assert [(one.plugin, one.hook) for one in slot.slow] == [("slow", "message_received")]
    assert slot.slow[0].seconds >= 0.06
    dispatcher.limit_thread(0.02)
    dispatcher.announce("message_received", message=1)
    assert dispatcher.health.of_plugin("slow")[0].failures == 1
    dispatcher.limit_thread(None)
    assert dispatcher.slot.slow == []


def test_calls_that_end_just_at_their_limit_leave_nothing_behind():
    """Thousands of calls of the length of their limit, so that strikes arrive before, during and after their ends."""
    marks = []

    def about_the_limit(message: float) -> None:
        spin(message)

    dispatcher = create_dispatcher(
        Limits(slow_call_s=0.001, request_s=0.001, call_s=0.001, pause_s=0), racing=about_the_limit
    )
    for number in range(1500):
        dispatcher.announce("message_received", message=0.0009 + (number % 20) * 0.00002)
        marks.append(number)
        sum(range(50))
    (health,) = dispatcher.health.of_plugin("racing")
    assert len(marks) == 1500
    assert health.calls + health.skipped == 1500
    assert 0 < health.failures < health.calls
    assert health.overdue == 0


def test_guarded_calls_that_end_just_at_their_limit_leave_nothing_behind():
    dispatcher = create_dispatcher(Limits(slow_call_s=0.001, request_s=0.001, call_s=0.001))
    call = dispatcher.guarded("racing", "page")
    late = 0
    for number in range(1500):
        try:
            call(spin, 0.0009 + (number % 20) * 0.00002)
        except TimedOut:
            late += 1
        sum(range(50))
    health = dispatcher.health.record("racing", "page")
    assert 0 < late < 1500
    assert (health.calls, health.failures, health.overdue) == (1500, late, 0)


@pytest.mark.parametrize("is_guarded", [False, True])
def test_a_strike_that_was_already_under_way_does_not_reach_what_comes_after_the_call(is_guarded):
    """The watchdog has seen that the call is overdue and is held up; the call ends; only then the watchdog strikes."""
    seconds, victim = [100.0], threading.get_ident()
    watchdog = Watchdog(lambda: seconds[0])
    is_held, has_ended = threading.Event(), threading.Event()

    def strike_late() -> None:
        with watchdog._lock:
            is_held.set()
            has_ended.wait()
            time.sleep(0.2)
            _raise_in(victim, HookTimeout)

    def ends_late(message: object) -> None:
        is_held.wait()
        seconds[0] += 100
        has_ended.set()

    dispatcher = create_dispatcher(watchdog=watchdog, timer=lambda: seconds[0], late=ends_late)
    thread = threading.Thread(target=strike_late)
    thread.start()
    if is_guarded:
        with pytest.raises(TimedOut):
            dispatcher.guarded("late", "page")(ends_late, 1)
    else:
        dispatcher.announce("message_received", message=1)
    spin(0.5)
    thread.join()
    assert [health.failures for health in dispatcher.health.of_plugin("late") if health.calls] == [1]


def test_many_threads_race_without_hitting_each_other():
    dispatcher = create_dispatcher(
        Limits(slow_call_s=0.005, request_s=0.005, call_s=0.005, pause_s=0), racing=lambda message: spin(message)
    )
    rounds, problems = [], []

    def work() -> None:
        try:
            for number in range(60):
                dispatcher.announce("message_received", message=0.001 * (number % 5))
                rounds.append(number)
        except BaseException as error:  # noqa: BLE001 - whatever arrives is the finding
            problems.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(rounds) == 8 * 60
    assert dispatcher.health.of_plugin("racing")[0].overdue == 0


def test_a_nested_call_has_its_own_time_and_hands_back_that_of_the_outer_one():
    inner = create_dispatcher(Limits(call_s=10), quick=lambda message: spin(0.02))
    seen = []

    def outer(message: object) -> None:
        inner.announce("message_received", message=message)
        seen.append((WATCHDOG.slot.health.plugin, WATCHDOG.slot.due))
        hang(message)

    dispatcher = create_dispatcher(outer=outer)
    dispatcher.announce("message_received", message=1)
    assert seen[0][0] == "outer"
    assert seen[0][1] > 0
    assert dispatcher.health.of_plugin("outer")[0].failures == 1
    assert inner.health.of_plugin("quick")[0].failures == 0
    assert (WATCHDOG.slot.due, WATCHDOG.slot.health) == (0.0, None)


def test_guarded_counts_answers_and_failures_but_never_rests():
    dispatcher = create_dispatcher(Limits(failures_in_row=2))
    page = dispatcher.guarded("pages", "page index")

    def fail() -> None:
        raise KeyError("gone")

    def refuse() -> None:
        raise NotFound("There is no such thing.")

    assert page(lambda a, b: a + b, 1, b=2) == 3
    for _ in range(3):
        with pytest.raises(KeyError):
            page(fail)
    with pytest.raises(NotFound):
        page(refuse)
    (health,) = dispatcher.health.of_plugin("pages")
    assert (health.hook, health.calls, health.failures, health.is_resting) == ("page index", 5, 3, False)


def test_guarded_gives_what_nobody_catches_as_an_ordinary_error():
    dispatcher = create_dispatcher()

    def cancel() -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="CancelledError"):
        dispatcher.guarded("pages", "page index")(cancel)
    assert dispatcher.health.of_plugin("pages")[0].failures == 1


def test_guarded_ends_what_hangs_unless_it_may_take_for_ever():
    dispatcher = create_dispatcher()
    with pytest.raises(TimedOut):
        dispatcher.guarded("jobs", "nightly")(hang, 1)
    assert dispatcher.guarded("jobs", "long", limit_s=math.inf)(spin, 0.3) is None
    with pytest.raises(TimedOut):
        dispatcher.guarded("jobs", "short", limit_s=0.01)(spin, 5)


def test_code_of_the_host_that_a_plugin_asked_for_something_is_not_torn_apart():
    namespace: dict = {"__name__": "app.services.example", "spin": spin, "done": []}
    exec("def work():\n    for _ in range(40):\n        spin(0.01)\n    done.append(True)", namespace)
    ended = []

    def asks_the_host(message: object) -> None:
        namespace["work"]()
        ended.append(True)
        hang(message)

    dispatcher = create_dispatcher(asking=asks_the_host)
    dispatcher.announce("message_received", message=1)
    assert namespace["done"] == ended == [True]
    assert dispatcher.health.of_plugin("asking")[0].failures == 1


def test_a_round_says_when_the_next_is_needed():
    seconds = [100.0]
    watchdog = Watchdog(lambda: seconds[0])
    dispatcher = create_dispatcher(Limits(call_s=30), watchdog=watchdog, timer=lambda: seconds[0])
    assert watchdog.look() == 3.0
    pauses = []

    def look(after: float) -> None:
        seconds[0] += after
        pauses.append(watchdog.look())

    dispatcher.guarded("jobs", "nightly")(look, 28)
    assert pauses == [2.0]


def test_a_child_process_is_watched_too():
    code = """
        import os, time
        from app.plugin_host.calls.watch import WATCHDOG
        from app.plugin_host.health.book import TimedOut
        from app.plugin_host import Dispatcher, HealthBook, Limits
        from app.plugin_host.hooks.shapes import read_specs
        from app.clock import SystemClock
        book = HealthBook(Limits(call_s=0.3))
        guarded = Dispatcher(read_specs(), book, SystemClock()).guarded("child", "page")
        def hang():
            while True: pass
        guarded(len, "the watchdog runs")
        if os.fork() == 0:
            try:
                guarded(hang)
            except TimedOut:
                os._exit(7)
            os._exit(1)
        print(os.waitstatus_to_exitcode(os.wait()[1]))
    """
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60, env={**os.environ}
    )
    assert found.stdout.strip() == "7", found.stderr


def test_nothing_is_thrown_away_where_nothing_was_raised(monkeypatch):
    thrown = []
    monkeypatch.setattr("app.plugin_host.calls.watch._raise_in", lambda thread, kind: thrown.append(kind))

    def fail(message: object) -> None:
        raise ValueError("a mistake of its own")

    create_dispatcher(bad=fail).announce("message_received", message=None)
    assert thrown == []
