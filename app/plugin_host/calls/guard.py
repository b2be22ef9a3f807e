"""Calling plugin code that is no hook: counted, timed and watched as hooks are, but answered for by whoever calls it."""

import logging
from collections.abc import Callable
from typing import TypeVar

from werkzeug.exceptions import HTTPException

from app.clock import Clock
from app.errors import AppError
from app.plugin_api.errors import ChannelError, PayloadError
from app.plugin_host.calls.trace import traced
from app.plugin_host.calls.watch import HookTimeout, Slot, SlowCall, Watchdog, entrance
from app.plugin_host.health.book import HookHealth, TimedOut

__all__ = ["Guard", "note_slow"]

Answer = TypeVar("Answer")

ANSWERS = (AppError, ChannelError, PayloadError, HTTPException)
"""What plugin code raises to say something; these are no failures."""


class Guard:
    """Calls functions under the name of a plugin. Made by `Dispatcher.guarded`."""

    __slots__ = ("_clock", "_health", "_is_traced", "_limit_s", "_watchdog")

    def __init__(
        self, watchdog: Watchdog, health: HookHealth, clock: Clock, limit_s: float, *, is_traced: bool = False
    ) -> None:
        self._watchdog = watchdog
        self._health = health
        self._clock = clock
        self._limit_s = limit_s
        self._is_traced = is_traced

    @entrance
    def __call__(self, function: Callable[..., Answer], /, *arguments: object, **named: object) -> Answer:
        """Call the function and give its answer. Raises what it raises, or `TimedOut`. For the order of steps see `Dispatcher._answers`."""
        if self._is_traced:
            function = traced(function, self._health.plugin, self._health.hook)
        watchdog, health, timer = self._watchdog, self._health, self._health.book.timer
        slot = watchdog.slot
        outer = slot.due, slot.health
        limit_s = self._limit(slot)
        started = timer()
        due = started + limit_s
        slot.due, slot.health = due, health
        try:
            answer = function(*arguments, **named)
            slot.due, slot.health = outer
            self._succeed(slot, timer() - started, limit_s)
            return answer
        except BaseException as error:
            slot.due, slot.health = outer
            try:
                watchdog.settle(slot, due)
            except HookTimeout:
                watchdog.settle(slot, due)
            self._fail(error, timer() - started, limit_s)
            raise

    def _limit(self, slot: Slot) -> float:
        limits = self._health.book.limits
        limit_s = max(self._limit_s, limits.slow_call_s) if self._limit_s else slot.limit_s or limits.call_s
        self._watchdog.expect(limit_s)
        return limit_s

    def _is_slow(self, elapsed: float) -> bool:
        """What has a limit of its own is expected to take its time."""
        return not self._limit_s and elapsed > self._health.book.limits.slow_call_s

    def _succeed(self, slot: Slot, elapsed: float, limit_s: float) -> None:
        health, book = self._health, self._health.book
        if elapsed > limit_s:
            raise HookTimeout
        health.calls += 1
        health.seconds += elapsed
        is_slow = self._is_slow(elapsed)
        if elapsed > health.notice_above_s:
            book.succeed(health, elapsed, is_slow)
        if is_slow:
            note_slow(slot, health, elapsed)

    def _fail(self, error: BaseException, elapsed: float, limit_s: float) -> None:
        """Count what was raised. Raises `TimedOut` in its place when the time was over, and RuntimeError in that of what is no `Exception`
        (`asyncio.CancelledError` for one): callers should not have to think of those."""
        health = self._health
        health.calls += 1
        health.seconds += elapsed
        if self._is_slow(elapsed):
            note_slow(self._watchdog.slot, health, elapsed)
        if elapsed > limit_s:
            late = TimedOut(elapsed, limit_s)
            health.book.fail(health, late, self._clock.now(), elapsed)
            raise late from error
        if isinstance(error, ANSWERS + (KeyboardInterrupt,)):
            return
        health.book.fail(health, error, self._clock.now(), elapsed)
        if not isinstance(error, Exception | SystemExit):
            raise RuntimeError(f"It raised {type(error).__name__}, which nobody catches.") from error


def note_slow(slot: Slot, health: HookHealth, elapsed: float) -> None:
    """Tell of a slow call: in the log, and to the request that waited for it."""
    if slot.limit_s:
        slot.slow.append(SlowCall(health.plugin, health.hook, elapsed))
    logging.getLogger(f"tidings.plugins.{health.plugin}").warning(
        "%s took %.0f ms in %s", health.plugin, elapsed * 1000, health.hook
    )
