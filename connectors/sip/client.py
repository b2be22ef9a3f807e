"""The side of the SIP agent that runs in our own process: starts it, keeps it running, speaks with it, and tests a registration.

The agent is a child: `python -m connectors.sip.agent`. It gets the password over its input, and ends when that ends.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.sip import types, wire
from connectors.sip.faults import registration_error
from connectors.sip.types import Command, Event, Setup, SIPAccount
from connectors.sip.wire import IMPOSSIBLE

__all__ = ["SIPAgent", "check_registration", "run_agent"]

log = logging.getLogger(__name__)

_END_S = 4.0
_LOOK_S = 0.05
_YOUNG_S = 20.0
_LONGEST_PAUSE_S = 60.0
_FIRST_PAUSE_S = 0.5
_MISSING = "Telephony by SIP needs the package baresip-python: pip install tidings[voip]."


class SIPAgent:
    """One agent process. `calls` are those that go on, by name; `setup` is what it was told last."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._last_words: list[str] = []
        self._writing = threading.Lock()
        self.calls: dict[str, types.Ringing] = {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "connectors.sip.agent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for reader in (self._read_events, self._read_words):
            threading.Thread(target=reader, name="sip-agent", daemon=True).start()
        self.send(setup)

    def __enter__(self) -> SIPAgent:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def send(self, command: Command) -> None:
        """Tell the agent to do something; nothing happens when it has ended."""
        if isinstance(command, types.Answer):
            self.setup = replace(self.setup, answering=command.answering)
        assert self.process.stdin is not None
        with self._writing, contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(wire.to_line(command) + "\n")
            self.process.stdin.flush()

    def next_event(self, timeout_s: float) -> Event | None:
        """What happened next, None when nothing did in that time. Raises `Unavailable` once the agent has ended and nothing is left,
        `Rejected` when it never can run."""
        try:
            event = self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if event is None:
            self._events.put(None)
            raise self._end_error()
        self._follow(event)
        return event

    def close(self, grace_s: Callable[[], float] = lambda: 0.0) -> list[Event]:
        """Let it finish and end it. `grace_s` is asked again and again how long calls that go on may take in all. Returns what happened
        meanwhile; calls that it could not end itself are told as lost."""
        began = time.monotonic()
        self.send(types.Stop(grace_s()))
        while self.process.poll() is None and time.monotonic() < began + grace_s():
            time.sleep(_LOOK_S)
        self.send(types.Stop())
        with self._writing, contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            log.warning("the SIP agent did not end by itself and is killed")
            self.process.kill()
            self.process.wait()
        return self.rest()

    def rest(self) -> list[Event]:
        """What an agent that has ended said last, and the ends of calls that it took with it."""
        told: list[Event] = []
        with contextlib.suppress(queue.Empty):
            while (event := self._events.get(timeout=_END_S)) is not None:
                self._follow(event)
                told.append(event)
        self._events.put(None)
        lost = [types.Ended(time.time(), call, "lost") for call in self.calls]
        self.calls.clear()
        return [*told, *lost]

    def _follow(self, event: Event) -> None:
        if isinstance(event, types.Ringing):
            self.calls[event.call] = event
        elif isinstance(event, types.Ended):
            self.calls.pop(event.call, None)

    def _read_events(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self._events.put(wire.event_from_line(line))
            except ValueError:
                log.warning("the SIP agent said something that is no event")
        self._events.put(None)

    def _read_words(self) -> None:
        """What the agent logs; the password never goes along, whoever wrote it there."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            clean = line.rstrip().replace(self.setup.account.password or "\0", "…")
            log.info("SIP agent: %s", clean)
            self._last_words = [*self._last_words[-19:], clean]

    def _end_error(self) -> ConnectorError:
        code, last = self.process.wait(), self._last_words[-1] if self._last_words else ""
        if "No module named 'baresip'" in last:
            return Rejected(_MISSING)
        return (
            Rejected(last, code=code)
            if code == IMPOSSIBLE
            else Unavailable(f"The SIP agent ended ({code}). {last}".strip())
        )


def run_agent(
    setup: Setup,
    stop: threading.Event,
    wishes: queue.Queue[Command] | None = None,
    *,
    tick_s: float = 0.2,
    grace_s: Callable[[], float] = lambda: 0.0,
) -> Iterator[Event | None]:
    """Everything that happens until `stop` is set, from one agent after the other: one that dies is followed by the next, after pauses that
    grow while they die young. None every `tick_s`, for what else the caller has to do. `wishes` are commands for the agent.
    At the end `grace_s` says how long calls that go on may take.

    Raises `Rejected` when there can be no agent: the settings cannot be, or baresip-python is missing.
    """
    pause_s = _FIRST_PAUSE_S
    while not stop.is_set():
        began = time.monotonic()
        agent = SIPAgent(setup)
        try:
            yield from _until_it_ends(agent, stop, wishes, tick_s)
        finally:
            rest = agent.close(grace_s if stop.is_set() else lambda: 0.0)
        yield from rest
        setup = agent.setup
        if stop.is_set():
            return
        pause_s = _FIRST_PAUSE_S if time.monotonic() - began > _YOUNG_S else min(pause_s * 2, _LONGEST_PAUSE_S)
        log.warning("the SIP agent ended and is started again in %.1f s", pause_s)
        yield types.RegistrationLost(time.time(), "the SIP agent ended", retry_in_s=pause_s)
        stop.wait(pause_s)


def _until_it_ends(
    agent: SIPAgent, stop: threading.Event, wishes: queue.Queue[Command] | None, tick_s: float
) -> Iterator[Event | None]:
    while not stop.is_set():
        while wishes is not None and not wishes.empty():
            agent.send(wishes.get())
        try:
            yield agent.next_event(tick_s)
        except Unavailable as error:
            log.warning("%s", error.reason)
            return


def check_registration(account: SIPAccount, *, interface: str = "", timeout_s: float = 12.0) -> None:
    """Register once and un-register. Raises `AuthExpired` for a wrong password, `Unavailable` when the registrar does not answer,
    `Rejected` when it refuses otherwise or the settings cannot be."""
    with SIPAgent(Setup(account, interface=interface, registers_only=True)) as agent:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            event = agent.next_event(max(deadline - time.monotonic(), 0.1))
            if isinstance(event, types.Registered):
                return
            if isinstance(event, types.RegistrationLost):
                raise registration_error(event)
    raise Unavailable("The registrar cannot be reached: no answer.", step="connect")
