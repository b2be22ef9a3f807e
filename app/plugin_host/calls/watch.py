"""The time limit of plugin code: one thread per process looks at what the other threads are calling and raises `HookTimeout` in one whose
call has gone on for too long.

It interrupts Python code only. A call that blocks in C (`time.sleep`, a lock, a query) gets the exception when it returns; meanwhile its
hook rests for everybody, since the breaker opens when the limit is passed and not when the call ends. Needs a Python with a GIL.

An exception that was raised for a call never reaches what comes after it. The watchdog strikes under its lock and only while the slot still
names the call; a call first takes its name out of the slot, and one that ended near its limit then takes the lock and throws away what
was raised but has not arrived. So it arrives in the call or nowhere. Source:
https://docs.python.org/3/c-api/threads.html#c.PyThreadState_SetAsyncExc
"""

import ctypes
import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable
from time import perf_counter
from types import CodeType, FrameType
from typing import Any, NamedTuple, TypeVar

from app.plugin_host.health.book import HookHealth

__all__ = ["WATCHDOG", "HookTimeout", "Slot", "SlowCall", "Watchdog", "entrance", "watchdog_for"]

log = logging.getLogger("tidings.plugins")

LONGEST_PAUSE_S = 3.0
AGAIN_S = 0.1
"""A plugin that swallowed the exception gets another one after so long."""
SOON_S = 0.01
"""A thread that is in the middle of our own code is looked at again after so long."""

_OURS = ("app.services.", "app.queries.", "app.plugin_host.", "app.web.", "app.jobs.", "app.realtime.")
_NOT_OURS = ("app.plugin_host.outgoing",)
"""Sending a request may take as long as the server likes, so it is interrupted although it is our code."""
_TAKING_LOCKS = frozenset({"acquire", "release", "__enter__", "__exit__", "_acquireLock", "_releaseLock"})
_entrances: set[CodeType] = set()

Function = TypeVar("Function", bound=Callable[..., Any])


class HookTimeout(BaseException):
    """Raised inside plugin code that has used up its time; no `Exception`, so that plugins seldom catch it."""


class SlowCall(NamedTuple):
    """A call that took longer than it should."""

    plugin: str
    hook: str
    seconds: float


class Slot:
    """What one thread is calling: `due` is the reading of the timer at which the call must have ended (0.0 when nothing is called),
    `health` whose call it is. Both are set one right after the other, where Python does not change threads.

    `limit_s` is this thread's own limit, 0.0 when the general one holds. `slow` collects slow calls while `limit_s` is set. `is_struck`
    once an exception was raised in the thread, until what may be left of it was thrown away.
    """

    __slots__ = ("__weakref__", "due", "health", "is_struck", "limit_s", "overdue", "slow", "thread_id")

    def __init__(self) -> None:
        self.thread_id = threading.get_ident()
        self.health: HookHealth | None = None
        self.due = 0.0
        self.limit_s = 0.0
        self.slow: list[SlowCall] = []
        self.overdue: tuple[float, HookHealth] | None = None
        self.is_struck = False


class _Threads(threading.local):
    """The slot of the thread that asks, made when it asks for the first time."""

    def __init__(self, make: Callable[[], Slot]) -> None:
        self.slot = make()


def entrance(function: Function) -> Function:
    """Mark the function from which plugin code is called: above its frame is the plugin, below it is the host."""
    _entrances.add(function.__code__)
    return function


class Watchdog:
    """Watches over the slots of all threads. Its thread starts with the first slot, sleeps until the first call can be due,
    and ends with the process. A watchdog over another timer than the machine's has no thread: whoever holds that timer calls `look`.
    """

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self.timer = timer
        self._pause_s = LONGEST_PAUSE_S
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._slots: list[weakref.ref[Slot]] = []
        self._thread: threading.Thread | None = None
        self.threads = _Threads(self._new_slot)

    @property
    def slot(self) -> Slot:
        """The slot of this thread."""
        return self.threads.slot

    def expect(self, limit_s: float) -> None:
        """Look often enough for calls that may take so long: what begins after a look cannot be due before its limit."""
        if limit_s < self._pause_s:
            self._pause_s = limit_s
            self._bell.set()

    def settle(self, slot: Slot, due: float) -> None:
        """Throw away what was raised for a call of this thread that is over. Its name must have been taken out of the slot before.

        May itself be hit by it, before it has done anything: whoever catches `HookTimeout` from it calls it again. Nothing is thrown away
        where nothing was raised: Python 3.11 would look for it at each step from then on, and under a tracer for ever.
        """
        with self._lock:
            if slot.is_struck:
                _raise_in(slot.thread_id, None)
                slot.is_struck = False
            if slot.overdue is not None and slot.overdue[0] == due:
                slot.overdue[1].overdue -= 1
                slot.overdue = None

    def look(self) -> float:
        """One round over all threads; gives the seconds until the next one."""
        with self._lock:
            self._slots = [one for one in self._slots if one() is not None]
            slots = [slot for one in self._slots if (slot := one()) is not None]
        return min((self._watch(slot) for slot in slots), default=self._pause_s)

    def _watch(self, slot: Slot) -> float:
        now = self.timer()  # read before the slot: what is seen to be due now is due when it ends
        due, health = slot.due, slot.health
        if not due or health is None:
            return self._pause_s
        if now <= due:
            return min(self._pause_s, max(due - now, SOON_S / 10))
        if self._is_newly_overdue(slot, due, health):
            health.book.note_overdue(health)
        return self._strike(slot, due)

    def _is_newly_overdue(self, slot: Slot, due: float, health: HookHealth) -> bool:
        with self._lock:
            if slot.due != due or (slot.overdue is not None and slot.overdue[0] == due):
                return False
            slot.overdue = (due, health)
            health.overdue += 1
            return True

    def _strike(self, slot: Slot, due: float) -> float:
        with self._lock:
            if slot.due != due:
                return self._pause_s
            if _is_in_our_code(slot.thread_id):
                return SOON_S
            slot.is_struck = True
            _raise_in(slot.thread_id, HookTimeout)
            return AGAIN_S

    def _new_slot(self) -> Slot:
        slot = Slot()
        with self._lock:
            self._slots.append(weakref.ref(slot))
            if self._thread is None and self.timer is perf_counter:
                self._start()
        return slot

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="plugin-watchdog", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                pause_s = self.look()
            except Exception:  # it must outlive whatever one round meets, since nobody starts it again
                log.exception("the watchdog could not look at the threads")
                pause_s = LONGEST_PAUSE_S
            self._bell.wait(pause_s)
            self._bell.clear()

    def after_fork(self) -> None:
        """In the child there is only the thread that forked; locks may be held by threads that are not there."""
        self._lock, self._bell = threading.Lock(), threading.Event()
        here = [slot for one in self._slots if (slot := one()) is not None and slot.thread_id == threading.get_ident()]
        self._slots = [weakref.ref(slot) for slot in here]
        if self._thread is not None:
            self._start()


def watchdog_for(timer: Callable[[], float]) -> Watchdog:
    """The watchdog of this process, or one of its own for a timer that is not the machine's."""
    return WATCHDOG if timer is perf_counter else Watchdog(timer)


def _raise_in(thread_id: int, kind: type[BaseException] | None) -> None:
    """Let a thread raise an exception at its next step, or no longer (None)."""
    raised = ctypes.py_object() if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), raised)


def _is_in_our_code(thread_id: int) -> bool:
    """Whether a thread that calls a plugin is back in the host: the call begins or ends just now, or the plugin asked the host for
    something, which is not torn apart but comes to its end. Nor is somebody who is taking a lock, since it would stay taken. A template
    that the host renders for a plugin is the plugin's again."""
    innermost = sys._current_frames().get(thread_id)
    if innermost is None or innermost.f_code in _entrances or innermost.f_code.co_name in _TAKING_LOCKS:
        return True
    frame: FrameType = innermost
    while (
        frame.f_back is not None and frame.f_back.f_code not in _entrances
    ):  # what the entrance itself calls is the plugin's
        if _is_template(frame):
            return False
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_OURS) and not module.startswith(_NOT_OURS):
            return True
        frame = frame.f_back
    return False


def _is_template(frame: FrameType) -> bool:
    """Whether this is compiled Jinja, whose globals are its environment and no module's (`jinja2.Template.from_code`)."""
    return "environment" in frame.f_globals and "__name__" not in frame.f_globals


WATCHDOG = Watchdog()
os.register_at_fork(after_in_child=WATCHDOG.after_fork)
