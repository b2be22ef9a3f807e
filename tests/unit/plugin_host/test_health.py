"""Counts, breakers and reports of one process, and what is printed of each call."""

import math
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from app.domain.events import AccountSaved
from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.registrations import Panel
from app.plugin_host import Dispatcher, HealthBook, Limits, SharedHealth
from app.plugin_host.health.book import MOST_MISSED, describe
from app.plugin_host.health.collisions import same_places
from app.plugin_host.health.report import Collision, HealthReport
from app.plugin_host.hooks.shapes import read_specs
from app.plugin_host.hooks.validation import new_manager
from app.plugin_host.outgoing import _within
from app.redaction import known_secrets


class Timer:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def book(timer) -> HealthBook:
    return HealthBook(Limits(failures_in_row=2, pause_s=60), timer)


def test_a_report_holds_what_was_used_since_the_last_one(book, clock):
    health = book.record("weather", "account_saved")
    for seconds in (0.1, 0.3):
        health.calls += 1
        health.seconds += seconds
        book.succeed(health, seconds, is_slow=seconds > 0.2)
    first = book.take_report(clock.now())
    (cost,) = first.costs.values()
    assert (cost.calls, cost.seconds, cost.slowest_s, cost.slow_calls) == (2, pytest.approx(0.4), 0.3, 1)
    assert not book.take_report(clock.now())
    health.calls += 1
    book.succeed(health, 0.05, is_slow=False)
    book.give_back(first)
    (both,) = book.take_report(clock.now()).costs.values()
    assert (both.calls, both.slowest_s) == (3, 0.3)


def test_what_a_plugin_used_is_told_although_it_is_started_anew(book, clock):
    book.record("weather", "account_saved").calls += 1
    book.forget("weather")
    book.record("weather", "account_saved").calls += 1
    (cost,) = book.take_report(clock.now()).costs.values()
    assert cost.calls == 2


def test_a_failing_trial_rests_again_although_others_failed_before(book, timer, clock):
    book.follow(SharedHealth({("weather", "account_saved"): 5.0}))
    health = book.record("weather", "account_saved")
    assert not book.may_call(health)
    timer.seconds += 6
    assert book.may_call(health)
    book.fail(health, ValueError("still"), clock.now())
    assert health.rests_until == timer.seconds + 60
    assert book.take_report(clock.now()).breakers["weather", "account_saved"].is_open


def test_what_happened_here_comes_before_what_others_know(book, clock):
    health = book.record("weather", "account_saved")
    for _ in range(2):
        book.fail(health, ValueError("no"), clock.now())
    book.follow(SharedHealth())
    assert health.is_resting, "the others have not heard yet"
    book.take_report(clock.now())
    book.follow(SharedHealth())
    assert not health.is_resting
    assert health.failures_in_row == 0


def test_pages_and_webhooks_never_rest(book, clock):
    health = book.record("weather", "page index", can_rest=False)
    for _ in range(9):
        book.fail(health, ValueError("no"), clock.now())
    book.follow(SharedHealth({("weather", "page index"): 60.0}))
    assert not health.is_resting
    assert book.take_report(clock.now()).failures["weather"].count == 9


def test_missed_announcements_are_kept_up_to_a_limit_in_order(book, clock):
    health = book.record("weather", "account_saved")
    for number in range(MOST_MISSED + 5):
        book.miss(health, {"saved": AccountSaved(number, is_new=True)}, clock.now())
    assert book.is_due
    report = book.take_report(clock.now())
    book.miss(health, {"saved": AccountSaved(5000, is_new=True)}, clock.now())
    book.give_back(report)
    kept = book.take_report(clock.now()).missed["weather", "account_saved"]
    assert len(kept) == MOST_MISSED
    assert [one.values["saved"].account_id for one in kept][:1] == [6]
    assert kept[-1].values["saved"].account_id == 5000


def test_a_report_that_cannot_be_sent_waits_and_is_not_lost(book, timer, clock):
    sent: list[HealthReport] = []

    def failing(report: HealthReport) -> bool:
        raise OSError("the database is away")

    book.fail(book.record("weather", "account_saved"), ValueError("no"), clock.now())
    book.flush(failing, clock.now())
    book.flush(lambda report: False, clock.now())
    assert not book.is_due
    timer.seconds += 11
    assert book.is_due
    book.flush(lambda report: sent.append(report) is None, clock.now())
    assert sent[0].failures["weather"].count == 1
    assert not book.is_due


def test_limits_that_cannot_be_kept_are_refused():
    with pytest.raises(ValueError, match="before it is slow"):
        Limits(slow_call_s=4)


def test_an_error_is_told_in_one_line_whatever_it_is():
    known_secrets.forget()  # one of another test may be of many x

    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert describe(Mute()) == "Mute: (its text cannot be read)"
    assert describe(ValueError("a\n\0b\ud800" + "x" * 2000)).startswith("ValueError: a b x")
    assert len(describe(ValueError("x" * 2000))) == 1000


def test_boxes_of_two_plugins_with_one_order_and_title_collide():
    found = [
        ("a", Panel("Weather")),
        ("a", Panel("Weather")),
        ("b", Panel("Weather")),
        ("c", Panel("Weather", order=5)),
    ]
    assert list(same_places("dashboard_panels", found)) == [Collision("dashboard_panels", "100: Weather", "a", "b")]


@pytest.mark.parametrize(
    ("wished", "left_s", "given"),
    [
        (None, math.inf, (10.0, 30.0)),
        (None, 2.5, (2.5, 2.5)),
        (1, 2.5, (1, 1)),
        ((None, 60), 40, (10.0, 40)),
        (5, -1, (0.05, 0.05)),
    ],
)
def test_a_request_does_not_wait_beyond_the_time_of_its_call(wished, left_s, given):
    assert _within(wished, left_s) == given


def test_tracing_prints_each_call_but_never_what_it_is_about(create_tracing: Callable, capsys):
    dispatcher = create_tracing(
        quiet=lambda message: None, answering=lambda message: "secret", broken=lambda: {}["secret"]
    )
    dispatcher.announce("message_received", message="secret")
    assert dispatcher.guarded("pages", "page index")(lambda: "secret") == "secret"
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[:3] + line.split()[5:] for line in lines] == [
        ["hook", "message_received", "broken", "raised", "KeyError"],
        ["hook", "message_received", "answering", "answered", "str"],
        ["hook", "message_received", "quiet", "nothing"],
        ["hook", "page", "index", "ms", "answered", "str"],
    ]
    assert "secret" not in "".join(lines)


@pytest.fixture
def create_tracing(clock):
    def create(**functions: Callable) -> Dispatcher:
        dispatcher = Dispatcher(read_specs(), HealthBook(), clock, is_traced=True)
        manager = new_manager()
        for name, function in functions.items():
            manager.register(SimpleNamespace(message_received=hookimpl(function)), name)
        dispatcher.replace(manager, dict.fromkeys(functions, "host"))
        return dispatcher

    return create
