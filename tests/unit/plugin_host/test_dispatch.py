"""Hooks are called one implementation at a time: in order, guarded, timed, attributed."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from app.plugin_api.hookspecs import hookimpl
from app.plugin_api.messages import Participant
from app.plugin_api.registrations import Panel
from app.plugin_host import Dispatcher, HealthBook, Limits
from app.plugin_host.hooks.shapes import Shape, read_specs
from app.plugin_host.hooks.validation import new_manager


class Timer:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def plugin(**functions: Callable[..., Any]) -> SimpleNamespace:
    return SimpleNamespace(**{name: hookimpl(function) for name, function in functions.items()})


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def dispatch(clock, timer):
    """Make a dispatcher over plugins in the order in which they are registered."""

    def make(raise_errors: bool = False, limits: Limits | None = None, **plugins: Any) -> Dispatcher:
        health = HealthBook(limits or Limits(), timer=timer)
        dispatcher = Dispatcher(read_specs(), health, clock, raise_errors=raise_errors)
        manager = new_manager()
        for name, one in plugins.items():
            manager.register(one, name)
        dispatcher.replace(manager, {name: f"host of {name}" for name in plugins})
        return dispatcher

    return make


def test_shapes_agree_with_the_names_of_the_hooks():
    for name, spec in read_specs().items():
        if name.startswith("filter_"):
            assert spec.shape is Shape.FILTER
        elif name.startswith("register_") or name.endswith(("_panels", "_actions", "_links")):
            assert spec.shape is Shape.COLLECT
        elif name.endswith(("_received", "_sent", "_failed", "_created", "_changed", "_saved", "_due")):
            assert spec.shape is Shape.ANNOUNCE
        else:
            assert name.startswith(("match_", "choose_"))
            assert spec.shape is Shape.ASK


def test_announce_calls_every_plugin_with_what_it_declares_and_its_own_host(dispatch):
    heard = []
    dispatcher = dispatch(
        none=plugin(message_received=lambda: heard.append("none")),
        only_message=plugin(message_received=lambda message: heard.append(message)),
        swapped=plugin(message_received=lambda message, host: heard.append((message, host))),
        with_default=plugin(message_received=lambda host, message=None: heard.append((host, message))),
        foreign_default=plugin(message_received=lambda host, extra=7: heard.append((host, extra))),
    )
    dispatcher.announce("message_received", message="m")
    assert heard == [
        ("host of foreign_default", 7),
        ("host of with_default", "m"),
        ("m", "host of swapped"),
        "m",
        "none",
    ]


def test_order_is_that_of_pluggy_when_some_want_to_be_first_or_last(dispatch):
    heard = []
    early, late = SimpleNamespace(), SimpleNamespace()
    early.message_received = hookimpl(lambda: heard.append("first"), tryfirst=True)
    late.message_received = hookimpl(lambda: heard.append("last"), trylast=True)
    dispatcher = dispatch(
        first=early,
        a=plugin(message_received=lambda: heard.append("a")),
        last=late,
        b=plugin(message_received=lambda: heard.append("b")),
    )
    dispatcher.announce("message_received", message=1)
    assert heard == ["first", "b", "a", "last"]
    assert dispatcher.listeners("message_received") == ("first", "b", "a", "last")


def raise_value_error(*_: Any) -> None:
    raise ValueError("broken")


def leave(*_: Any) -> None:
    raise SystemExit(3)


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def raise_unspeakable() -> None:
    raise Unspeakable


def cancel() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("fault", [raise_value_error, leave, raise_unspeakable, cancel])
def test_announce_goes_on_after_a_plugin_that_fails(dispatch, caplog, fault):
    heard = []
    dispatcher = dispatch(
        good=plugin(message_received=lambda: heard.append(1)), bad=plugin(message_received=lambda: fault())
    )
    dispatcher.announce("message_received", message=1)
    assert heard == [1]
    (health,) = dispatcher.health.of_plugin("bad")
    assert (health.hook, health.failures, health.calls) == ("message_received", 1, 1)
    assert dispatcher.health.of_plugin("good")[0].failures == 0
    record = next(record for record in caplog.records if record.exc_info)
    assert record.name == "tidings.plugins.bad"


def test_keyboard_interrupt_passes(dispatch):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dispatch(bad=plugin(message_received=interrupt)).announce("message_received", message=1)


def test_errors_are_raised_when_told_to_and_still_counted(dispatch):
    dispatcher = dispatch(raise_errors=True, bad=plugin(message_received=raise_value_error))
    with pytest.raises(ValueError, match="broken"):
        dispatcher.announce("message_received", message=1)
    assert dispatcher.health.of_plugin("bad")[0].failures == 1


def test_filter_is_a_chain_that_leaves_out_what_fails_or_answers_nonsense(dispatch):
    def renamed(letter):
        return lambda sender: Participant("email", sender.value + letter)

    specs = read_specs()
    dispatcher = dispatch(a=plugin(match_contact=renamed("a")))
    assert dispatcher.ask("match_contact", sender=Participant("email", "x")).value == "xa"
    assert specs["filter_inbound"].arguments[0] == "message"
    chain = dispatch(
        c=plugin(filter_inbound=lambda message: add(message, "c")),
        none=plugin(filter_inbound=lambda message: None),
        nonsense=plugin(filter_inbound=lambda message: "a text"),
        bad=plugin(filter_inbound=raise_value_error),
        a=plugin(filter_inbound=lambda message, account: add(message, account)),
    )
    assert chain.filter("filter_inbound", inbound("-"), account="a").subject == "-ac"
    assert chain.health.of_plugin("nonsense")[0].last_error.startswith("TypeError: filter_inbound answered str")
    assert chain.health.of_plugin("bad")[0].failures == 1


def test_filter_gives_the_value_itself_when_nobody_listens(dispatch):
    message = inbound("s")
    assert dispatch().filter("filter_inbound", message, account=None) is message


def test_an_answer_without_end_is_a_fault(dispatch):
    def endless():
        while True:
            yield Panel("again")

    dispatcher = dispatch(good=plugin(dashboard_panels=lambda: [Panel("one")]), bad=plugin(dashboard_panels=endless))
    assert dispatcher.collect("dashboard_panels", viewer=1) == [("good", Panel("one"))]
    assert "more than 500 items" in dispatcher.health.of_plugin("bad")[0].last_error


def test_collect_flattens_and_says_whose_each_item_is(dispatch):
    def late(viewer):
        yield Panel("late")
        raise ValueError("after one")

    dispatcher = dispatch(
        two=plugin(dashboard_panels=lambda viewer: [Panel("b"), Panel("c")]),
        none=plugin(dashboard_panels=lambda: None),
        text=plugin(dashboard_panels=lambda: "text"),
        wrong=plugin(dashboard_panels=lambda: [Panel("x"), "y"]),
        late=plugin(dashboard_panels=late),
        one=plugin(dashboard_panels=lambda host: (Panel(host),)),
    )
    found = dispatcher.collect("dashboard_panels", viewer=1)
    assert [(name, panel.title) for name, panel in found] == [("one", "host of one"), ("two", "b"), ("two", "c")]
    assert [dispatcher.health.of_plugin(name)[0].failures for name in ("text", "wrong", "late")] == [1, 1, 1]


def test_ask_takes_the_first_answer_that_is_acceptable_and_calls_nobody_after_it(dispatch):
    asked = []

    def answer(name, value):
        return lambda: asked.append(name) or value

    dispatcher = dispatch(
        never=plugin(choose_team=answer("never", 9)),
        good=plugin(choose_team=answer("good", 4)),
        refused=plugin(choose_team=answer("refused", 5)),
        yes=plugin(choose_team=answer("yes", True)),
        zero=plugin(choose_team=answer("zero", 0)),
        none=plugin(choose_team=answer("none", None)),
    )
    found = dispatcher.ask("choose_team", accept=lambda team: team < 5, message=1, account=2)
    assert found == 4
    assert asked == ["none", "zero", "yes", "refused", "good"]
    assert dispatcher.health.of_plugin("yes")[0].failures == 1
    assert dispatch().ask("choose_team", message=1, account=2) is None


def test_only_calls_one_plugin(dispatch):
    heard = []
    dispatcher = dispatch(
        a=plugin(account_saved=lambda: heard.append("a")), b=plugin(account_saved=lambda: heard.append("b"))
    )
    dispatcher.announce("account_saved", only="a", saved=1)
    dispatcher.announce("account_saved", only="nobody", saved=1)
    assert heard == ["a"]


def test_a_wrong_call_of_the_core_is_an_error_of_the_core(dispatch):
    dispatcher = dispatch()
    with pytest.raises(LookupError, match="no hook 'message_recieved'"):
        dispatcher.announce("message_recieved", message=1)
    with pytest.raises(LookupError, match="shape filter"):
        dispatcher.filter("message_received", 1)
    with pytest.raises(TypeError, match="takes message, not text"):
        dispatcher.announce("message_received", text=1)


def test_slow_calls_are_counted_and_told(dispatch, timer, caplog):
    def slow():
        timer.seconds += 0.25

    dispatcher = dispatch(slow=plugin(message_received=slow), quick=plugin(message_received=lambda: None))
    dispatcher.announce("message_received", message=1)
    dispatcher.announce("message_received", message=1)
    (health,) = dispatcher.health.of_plugin("slow")
    assert (health.calls, health.slow_calls, health.seconds, health.slowest_s) == (2, 2, 0.5, 0.25)
    assert dispatcher.health.of_plugin("quick")[0].slow_calls == 0
    assert "slow took 250 ms in message_received" in caplog.text


def test_the_breaker_opens_skips_tries_again_and_closes(dispatch, timer, caplog):
    is_broken = True
    calls = []

    def sometimes():
        calls.append(timer.seconds)
        if is_broken:
            raise ValueError("broken")

    dispatcher = dispatch(limits=Limits(failures_in_row=3, pause_s=60), bad=plugin(message_received=sometimes))

    def announce(times: int) -> int:
        before = len(calls)
        for _ in range(times):
            dispatcher.announce("message_received", message=1)
        return len(calls) - before

    assert announce(5) == 3
    (health,) = dispatcher.health.of_plugin("bad")
    assert health.is_resting
    assert health.skipped == 2
    assert "not called in message_received for 60 s: it failed 3 times in a row" in caplog.text
    timer.seconds += 61
    assert announce(3) == 1, "one trial, and it fails"
    timer.seconds += 61
    is_broken = False
    assert announce(3) == 3
    assert not health.is_resting
    assert (health.failures, health.failures_in_row) == (4, 0)


def test_failures_wait_to_be_written_down(dispatch, clock):
    dispatcher = dispatch(bad=plugin(account_saved=raise_value_error))
    for _ in range(2):
        dispatcher.announce("account_saved", saved=1)
    report = dispatcher.health.take_report(clock.now())
    assert report.failures["bad"].count == 2
    assert report.failures["bad"].last_error == "account_saved: ValueError: broken"
    assert not dispatcher.health.take_report(clock.now()).failures
    dispatcher.announce("account_saved", saved=1)
    dispatcher.health.give_back(report)
    assert dispatcher.health.take_report(clock.now()).failures["bad"].count == 3


def inbound(subject: str):
    from datetime import UTC, datetime

    from app.plugin_api.messages import InboundMessage

    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return InboundMessage("1", Participant("email", "ada@example.com"), "text", moment, "key", subject=subject)


def add(message, letter: str):
    from dataclasses import replace

    return replace(message, subject=message.subject + letter)
