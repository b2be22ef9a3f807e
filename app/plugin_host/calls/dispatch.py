"""Calling plugins: each implementation of a hook by itself, guarded, timed, watched and attributed. pluggy keeps the order, the host calls.

pluggy's own call stops at the first exception and cannot tell whose it was. Lists of calls are prepared when plugins come and go, so
that a call costs little more than the functions it runs.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from itertools import islice, takewhile
from operator import itemgetter
from typing import Any

import pluggy

from app.clock import Clock
from app.plugin_api.host import Host
from app.plugin_host.calls.guard import Guard, note_slow
from app.plugin_host.calls.trace import traced
from app.plugin_host.calls.watch import HookTimeout, Slot, Watchdog, entrance, watchdog_for
from app.plugin_host.health.book import HealthBook, HookHealth, TimedOut
from app.plugin_host.health.collisions import changed_twice, same_places
from app.plugin_host.health.report import Sample, SharedHealth
from app.plugin_host.health.samples import masked
from app.plugin_host.hooks.shapes import HookSpec, Shape

__all__ = ["Again", "Dispatcher"]

Check = Callable[[Any], Any]

MOST_ITEMS = 500
"""So many a plugin may give in one answer to a collecting hook; it may well be a generator that never ends."""

LOOK_EVERY_S = 10.0


class Again(StrEnum):
    """What became of an announcement that was made again: the plugin took it, failed on it, or cannot be called now."""

    TAKEN = "taken"
    FAILED = "failed"
    WAITS = "waits"


_Answers = Iterator[tuple[str, Any]]
_Missed = list[Again] | None
"""Where it is noted that an announcement was missed; None keeps the announcement itself."""


class Dispatcher:
    """The one way in which the core calls plugins. `raise_errors` lets what a plugin raises through after it was counted (tests);
    `is_traced` prints each call."""

    def __init__(
        self,
        specs: Mapping[str, HookSpec],
        health: HealthBook,
        clock: Clock,
        *,
        raise_errors: bool = False,
        is_traced: bool = False,
        watchdog: Watchdog | None = None,
    ) -> None:
        self.health = health
        self.watchdog = watchdog or watchdog_for(health.timer)
        self.watchdog.expect(min(health.limits.call_s, health.limits.request_s))
        self._threads = self.watchdog.threads
        self._clock = clock
        self._raise_errors = raise_errors
        self._is_traced = is_traced
        self._hooks = {name: _Hook(spec) for name, spec in specs.items()}

    def announce(self, hook: str, /, *, only: str | None = None, **values: Any) -> None:
        """Tell every plugin what happened. Answers are ignored; nothing a plugin does reaches the caller. Who rests or fails misses it, and
        that is kept, whether all were told or `only` one. (Not what is due anyway: of that the next one comes.)"""
        for _ in self._answers(self._hook(hook, Shape.ANNOUNCE, values), values, only):
            pass

    def announce_again(self, hook: str, plugin: str, values: dict[str, Any]) -> Again:
        """Tell one plugin what it missed. That it does not get it this time either is not kept anew."""
        if plugin not in self.listeners(hook):
            return Again.WAITS
        missed: list[Again] = []
        for _ in self._answers(self._hook(hook, Shape.ANNOUNCE, values), values, plugin, missed):
            pass
        return missed[0] if missed else Again.TAKEN

    def filter(self, hook: str, value: Any, /, *, only: str | None = None, **values: Any) -> Any:
        """Pass a value through every plugin in turn and give what came out; a plugin that fails is left out of the chain."""
        name = self._hooks[hook].value_name if hook in self._hooks else ""
        values[name] = value
        for _ in self._answers(self._hook(hook, Shape.FILTER, values), values, only):
            pass
        return values[name]

    def collect(self, hook: str, /, *, only: str | None = None, **values: Any) -> list[tuple[str, Any]]:
        """What all plugins have to show, as (plugin, item)."""
        known = self._hook(hook, Shape.COLLECT, values)
        is_looked_at = known.look_at <= self.health.timer()
        found = [(plugin, item) for plugin, items in self._answers(known, values, only) for item in items]
        if is_looked_at:
            self.health.collide(same_places(hook, found))
        return found

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
        record = self.health.record(plugin, what, can_rest=False)
        return Guard(self.watchdog, record, self._clock, limit_s, is_traced=self._is_traced)

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

    def can_call(self, hook: str, plugin: str) -> bool:
        """Whether the plugin listens to the hook and would be called now, or tried again after a rest."""
        if hook not in self._hooks or plugin not in self.listeners(hook):
            return False
        return self.health.record(plugin, hook).rests_until <= self.health.timer()

    def replace(self, manager: pluggy.PluginManager, hosts: Mapping[str, Host]) -> None:
        """Take over the implementations that `manager` holds; calls already under way end with the old ones."""
        for name, hook in self._hooks.items():
            found = reversed(getattr(manager.hook, name).get_hookimpls())
            hook.calls = tuple(self._prepare(hook.spec, one, hosts[one.plugin_name]) for one in found)

    def follow(self, shared: SharedHealth) -> None:
        """Take over what all processes know together."""
        self.health.follow(shared)
        self.watchdog.expect(min(self.health.limits.call_s, self.health.limits.request_s))

    def _prepare(self, spec: HookSpec, implementation: pluggy.HookImpl, host: Host) -> "_Call":
        plugin = implementation.plugin_name
        run, name, pick = _caller(spec, implementation, host)
        if self._is_traced:
            run = traced(run, plugin, spec.name)
        return plugin, run, name, pick, self.health.record(plugin, spec.name)

    def _hook(self, name: str, shape: Shape, values: Mapping[str, Any]) -> "_Hook":
        hook = self._hooks.get(name)
        if hook is None or hook.shape is not shape:
            raise LookupError(f"there is no hook {name!r} of the shape {shape}")
        if values.keys() != hook.given:
            raise TypeError(f"{name} takes {', '.join(hook.spec.arguments)}, not {', '.join(values)}")
        return hook

    @entrance
    def _answers(self, hook: "_Hook", values: dict[str, Any], only: str | None, missed: _Missed = None) -> _Answers:
        """Call one implementation after the other; yield what each one answered, checked, unless that is None. A filter's answer is not
        yielded but takes the place of the value. What is over first of all leaves the slot: see `app.plugin_host.calls.watch`."""
        timer, check, sound, filtered = self.health.timer, hook.check, hook.sound_types, hook.value_name
        slot, value, changes = self._threads.slot, values[filtered] if filtered else None, []
        limit_s, outer_due, outer = slot.limit_s or self.health.limits.call_s, slot.due, slot.health
        started = timer()
        if started >= hook.look_at:
            started = self._look(hook, values)
        for plugin, run, name, pick, health in hook.calls if only is None else hook.calls_of(only):
            if health.rests_until and not self.health.may_call(health):
                self._miss(hook, values, health, missed, Again.WAITS)
                continue
            due = started + limit_s
            slot.due, slot.health = due, health
            try:
                answer = run(values[name]) if name else run(*pick(values))
                if answer is not None and answer is not value and type(answer) not in sound:
                    answer = check(answer)
                slot.due, slot.health = outer_due, outer
                ended = timer()
                elapsed = ended - started
                if elapsed > health.notice_above_s:
                    self._notice(slot, health, elapsed, limit_s)
            except BaseException as error:  # noqa: BLE001 - whatever a plugin raises is its own fault
                slot.due, slot.health = outer_due, outer
                try:
                    self.watchdog.settle(slot, due)
                except HookTimeout:
                    self.watchdog.settle(slot, due)
                self._fail(health, error, timer() - started, limit_s)
                self._miss(hook, values, health, missed, Again.FAILED)
                started = timer()
                continue
            started = ended
            health.calls += 1
            health.seconds += elapsed
            if answer is None or answer is value:
                continue
            if filtered:
                changes.append((plugin, value, answer))
                values[filtered] = value = answer
            else:
                yield plugin, answer
                started = timer()
        if len(changes) > 1:
            self.health.collide(changed_twice(hook.spec.name, changes))

    def _look(self, hook: "_Hook", values: Mapping[str, Any]) -> float:
        """Keep what this call carries, masked; gives the time after that."""
        hook.look_at = self.health.timer() + LOOK_EVERY_S
        if values:
            self.health.show(hook.spec.name, Sample(masked(values), self._clock.now()))
        return self.health.timer()

    def _miss(self, hook: "_Hook", values: Mapping[str, Any], health: HookHealth, missed: _Missed, why: Again) -> None:
        if missed is not None:
            missed.append(why)
        elif hook.is_kept:
            self.health.miss(health, values, self._clock.now())

    def _notice(self, slot: Slot, health: HookHealth, elapsed: float, limit_s: float) -> None:
        """What a successful call seldom has: it was the slowest so far, or too slow, or the first good one after failures."""
        if elapsed > limit_s:
            raise HookTimeout
        is_slow = elapsed > self.health.limits.slow_call_s
        self.health.succeed(health, elapsed, is_slow)
        if is_slow:
            note_slow(slot, health, elapsed)

    def _fail(self, health: HookHealth, error: BaseException, elapsed: float, limit_s: float) -> None:
        health.calls += 1
        health.seconds += elapsed
        if elapsed > self.health.limits.slow_call_s:
            note_slow(self._threads.slot, health, elapsed)
        if elapsed > limit_s:
            error = TimedOut(elapsed, limit_s)
        elif isinstance(error, KeyboardInterrupt):  # somebody at the keyboard wants the process to end
            raise error
        self.health.fail(health, error, self._clock.now(), elapsed)
        _log(health).error("%s failed in %s", health.plugin, health.hook, exc_info=error)
        if self._raise_errors:
            raise error


class _Hook:
    """One hook with what is prepared for calling it. Answers of exactly one of the `sound_types` need no check."""

    __slots__ = ("calls", "check", "given", "is_kept", "look_at", "shape", "sound_types", "spec", "value_name")

    def __init__(self, spec: HookSpec) -> None:
        self.spec = spec
        self.shape = spec.shape
        self.given = spec.given
        self.value_name = spec.arguments[0] if spec.shape is Shape.FILTER else ""
        self.sound_types = frozenset(spec.types) if spec.shape is Shape.FILTER else frozenset()
        self.check = answer_check(spec)
        self.calls: tuple[_Call, ...] = ()
        self.look_at = 0.0
        self.is_kept = spec.shape is Shape.ANNOUNCE and not spec.name.endswith("_due")

    def calls_of(self, plugin: str) -> "list[_Call]":
        return [call for call in self.calls if call[0] == plugin]


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
        items = tuple(islice(map(check_one, answer), MOST_ITEMS + 1))
        if len(items) > MOST_ITEMS:
            raise TypeError(f"{spec.name} answered more than {MOST_ITEMS} items")
        return items

    if spec.shape is Shape.COLLECT:
        return check_all
    if spec.shape is Shape.FILTER:
        return check_one
    return lambda answer: check_one(answer) if answer else None


def _log(health: HookHealth) -> logging.Logger:
    return logging.getLogger(f"tidings.plugins.{health.plugin}")
