"""Calling plugins: each implementation of a hook by itself, guarded, timed, watched and attributed. pluggy keeps the order, the host calls.

pluggy's own call stops at the first exception and cannot tell whose it was. Lists of calls are prepared when plugins come and go, so
that a call costs little more than the functions it runs.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import takewhile
from operator import itemgetter
from typing import Any

import pluggy

from app.clock import Clock
from app.plugin_api.host import Host
from app.plugin_host.guard import Guard, note_slow
from app.plugin_host.health import HealthBook, HookHealth
from app.plugin_host.shapes import HookSpec, Shape
from app.plugin_host.watch import HookTimeout, Slot, TimedOut, Watchdog, entrance, watchdog_for

__all__ = ["Dispatcher"]

Check = Callable[[Any], Any]


class Dispatcher:
    """The one way in which the core calls plugins. `raise_errors` lets what a plugin raises through after it was counted (tests)."""

    def __init__(
        self,
        specs: Mapping[str, HookSpec],
        health: HealthBook,
        clock: Clock,
        *,
        raise_errors: bool = False,
        watchdog: Watchdog | None = None,
    ) -> None:
        self.health = health
        self.watchdog = watchdog or watchdog_for(health.timer)
        self.watchdog.expect(min(health.limits.call_s, health.limits.request_s))
        self._threads = self.watchdog.threads
        self._clock = clock
        self._raise_errors = raise_errors
        self._hooks = {name: _Hook(spec) for name, spec in specs.items()}

    def announce(self, hook: str, /, *, only: str | None = None, **values: Any) -> None:
        """Tell every plugin what happened. Answers are ignored; nothing a plugin does reaches the caller."""
        for _ in self._answers(self._hook(hook, Shape.ANNOUNCE, values), values, only):
            pass

    def filter(self, hook: str, value: Any, /, *, only: str | None = None, **values: Any) -> Any:
        """Pass a value through every plugin in turn and give what came out; a plugin that fails is left out of the chain."""
        name = self._hooks[hook].value_name if hook in self._hooks else ""
        values[name] = value
        for _ in self._answers(self._hook(hook, Shape.FILTER, values), values, only):
            pass
        return values[name]

    def collect(self, hook: str, /, *, only: str | None = None, **values: Any) -> list[tuple[str, Any]]:
        """What all plugins have to show, as (plugin, item)."""
        answers = self._answers(self._hook(hook, Shape.COLLECT, values), values, only)
        return [(plugin, item) for plugin, items in answers for item in items]

    def ask(
        self, hook: str, /, *, accept: Callable[[Any], bool] | None = None, only: str | None = None, **values: Any
    ) -> Any:
        """The first answer that is not empty and that `accept` allows, or None; plugins after that one are not called."""
        for _, answer in self._answers(self._hook(hook, Shape.ASK, values), values, only):
            if accept is None or accept(answer):
                return answer
        return None

    def guarded(self, plugin: str, what: str, *, limit_s: float = 0.0) -> Guard:
        """For plugin code that is no hook (a page, a webhook, a job): `guarded("weather", "page index")(view, request)` calls
        `view(request)`, counted, timed and watched under that name, and gives its answer. What it raises passes through; when its time
        is over, that is `TimedOut`.

        `limit_s` takes the place of the thread's limit; `math.inf` sets none. Not a `with` block: an exception from outside could arrive
        on the way out of one.
        """
        return Guard(self.watchdog, self.health.record(plugin, what, can_rest=False), self._clock, limit_s)

    def limit_thread(self, limit_s: float | None) -> Slot:
        """From now on calls made by this thread may take so long (None: as long as elsewhere), and its slot collects slow ones anew."""
        slot = self._threads.slot
        slot.limit_s = 0.0 if limit_s is None else max(limit_s, self.health.limits.slow_call_s)
        slot.slow = []
        if slot.limit_s:
            self.watchdog.expect(slot.limit_s)
        return slot

    @property
    def slot(self) -> Slot:
        """What this thread is calling; `slot.slow` holds its slow calls since `limit_thread`."""
        return self._threads.slot

    def listeners(self, hook: str) -> tuple[str, ...]:
        """The plugins that implement a hook, in the order they are called."""
        return tuple(plugin for plugin, *_ in self._hooks[hook].calls)

    def replace(self, manager: pluggy.PluginManager, hosts: Mapping[str, Host]) -> None:
        """Take over the implementations that `manager` holds; calls already under way end with the old ones."""
        for name, hook in self._hooks.items():
            found = reversed(getattr(manager.hook, name).get_hookimpls())
            hook.calls = tuple(self._prepare(hook.spec, one, hosts[one.plugin_name]) for one in found)

    def _prepare(self, spec: HookSpec, implementation: pluggy.HookImpl, host: Host) -> "_Call":
        plugin = implementation.plugin_name
        return (plugin, *_caller(spec, implementation, host), self.health.record(plugin, spec.name))

    def _hook(self, name: str, shape: Shape, values: Mapping[str, Any]) -> "_Hook":
        hook = self._hooks.get(name)
        if hook is None or hook.shape is not shape:
            raise LookupError(f"there is no hook {name!r} of the shape {shape}")
        if values.keys() != hook.given:
            raise TypeError(f"{name} takes {', '.join(hook.spec.arguments)}, not {', '.join(values)}")
        return hook

    @entrance
    def _answers(self, hook: "_Hook", values: dict[str, Any], only: str | None) -> Iterator[tuple[str, Any]]:
        """Call one implementation after the other; yield what each one answered, checked, unless that is None.

        A filter's answer is not yielded but takes the place of the value, for the next one to get. Before anything else a call that is
        over takes its name out of the slot; why that matters stands in `app.plugin_host.watch`.
        """
        timer, check, sound, filtered = self.health.timer, hook.check, hook.sound_types, hook.value_name
        slot = self._threads.slot
        limit_s, outer_due, outer = slot.limit_s or self.health.limits.call_s, slot.due, slot.health
        started = timer()
        for plugin, run, name, pick, health in hook.calls:
            if (only is not None and plugin != only) or (health.rests_until and not self.health.may_call(health)):
                continue
            slot.due = due = started + limit_s
            slot.health = health
            try:
                answer = run(values[name]) if name else run(*pick(values))
                if answer is not None and type(answer) not in sound:
                    answer = check(answer)
                slot.due = outer_due
                slot.health = outer
                ended = timer()
                elapsed = ended - started
                if elapsed > health.notice_above_s:
                    self._notice(slot, health, elapsed, limit_s)
            except BaseException as error:  # noqa: BLE001 - whatever a plugin raises is its own fault
                slot.due = outer_due
                slot.health = outer
                try:
                    self.watchdog.settle(slot, due)
                except HookTimeout:
                    self.watchdog.settle(slot, due)
                self._fail(health, error, timer() - started, limit_s)
                started = timer()
                continue
            started = ended
            health.calls += 1
            health.seconds += elapsed
            if answer is None:
                continue
            if filtered:
                values[filtered] = answer
            else:
                yield plugin, answer
                started = timer()

    def _notice(self, slot: Slot, health: HookHealth, elapsed: float, limit_s: float) -> None:
        """What a successful call seldom has: it was the slowest so far, or too slow, or the first good one after failures."""
        if elapsed > limit_s:
            raise HookTimeout
        self.health.succeed(health, elapsed)
        if elapsed > self.health.limits.slow_call_s:
            note_slow(slot, health, elapsed)

    def _fail(self, health: HookHealth, error: BaseException, elapsed: float, limit_s: float) -> None:
        health.calls += 1
        health.seconds += elapsed
        if elapsed > limit_s:
            error = TimedOut(elapsed, limit_s)
        elif isinstance(error, KeyboardInterrupt):  # somebody at the keyboard wants the process to end
            raise error
        has_opened = self.health.fail(health, error, self._clock.now())
        _log(health).error("%s failed in %s", health.plugin, health.hook, exc_info=error)
        if has_opened:
            why = "it took too long" if elapsed > limit_s else f"it failed {health.failures_in_row} times in a row"
            pause_s = self.health.limits.pause_s
            _log(health).error("%s is not called in %s for %.0f s: %s", health.plugin, health.hook, pause_s, why)
        if self._raise_errors:
            raise error


class _Hook:
    """One hook with what is prepared for calling it. Answers of exactly one of the `sound_types` need no check."""

    __slots__ = ("calls", "check", "given", "shape", "sound_types", "spec", "value_name")

    def __init__(self, spec: HookSpec) -> None:
        self.spec = spec
        self.shape = spec.shape
        self.given = spec.given
        self.value_name = spec.arguments[0] if spec.shape is Shape.FILTER else ""
        self.sound_types = frozenset(spec.types) if spec.shape is Shape.FILTER else frozenset()
        self.check = answer_check(spec)
        self.calls: tuple[_Call, ...] = ()


_Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]
_Call = tuple[str, Callable[..., Any], str, _Pick, HookHealth]
"""Plugin, its function, the one argument it wants or what picks several from the values of a call, and where it is counted."""


def _caller(spec: HookSpec, implementation: pluggy.HookImpl, host: Host) -> tuple[Callable[..., Any], str, _Pick]:
    """The function and which arguments it wants; the host is bound beforehand, what it does not declare is not passed."""
    function = implementation.function
    known = {"host", *spec.arguments}
    names = [*implementation.argnames, *takewhile(known.__contains__, implementation.kwargnames)]
    if names[:1] == ["host"]:
        function, names = partial(function, host), names[1:]
    if "host" in names:
        pick = itemgetter(*names)
        return function, "", lambda values: pick({**values, "host": host})
    if len(names) == 1:
        return function, names[0], lambda values: ()
    return function, "", itemgetter(*names) if names else lambda values: ()


def answer_check(spec: HookSpec) -> Check:
    """What turns an implementation's answer into one the host can use; raises TypeError when that cannot be done."""
    if spec.shape is Shape.ANNOUNCE:
        return lambda answer: None
    wanted = " or ".join(one.__name__ for one in spec.types)

    def check_one(answer: Any) -> Any:
        if not isinstance(answer, spec.types) or isinstance(answer, bool):
            raise TypeError(f"{spec.name} answered {type(answer).__name__} where {wanted} was expected")
        return answer

    def check_all(answer: Any) -> tuple[Any, ...]:
        if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
            raise TypeError(f"{spec.name} answered {type(answer).__name__} where a list of {wanted} was expected")
        return tuple(map(check_one, answer))

    if spec.shape is Shape.COLLECT:
        return check_all
    if spec.shape is Shape.FILTER:
        return check_one
    return lambda answer: check_one(answer) if answer else None


def _log(health: HookHealth) -> logging.Logger:
    return logging.getLogger(f"tidings.plugins.{health.plugin}")
