"""Staying registered: tells when that is lost and when it is back, and tries again with growing pauses for as long as the agent lives.

baresip refreshes by itself; registering anew while a registration stands would un-register in between, so that is done only after a loss.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from baresip import Event as Stack
from baresip import RegistrationError, StackEvent, UserAgent

from connectors.sip import types
from connectors.sip.faults import is_refusal
from connectors.sip.types import Event

__all__ = ["Registration"]

_ANSWER_S = 8.0
_SLACK_S = 5.0
_LONGEST_PAUSE_S = 60.0
_REFUSED_PAUSE_S = 300.0
"""A password that was refused is tried rarely: registrars lock who tries often."""


class Registration:
    """`keep` runs until it is cancelled. `tell` gets `Registered` and `RegistrationLost`."""

    def __init__(self, ua: UserAgent, every_s: int, tell: Callable[[Event], None]) -> None:
        self._ua = ua
        self._longest_gap_s = every_s * 0.9
        self._tell = tell
        self._heard_at = 0.0
        self._news: asyncio.Queue[RegistrationError | None] = asyncio.Queue()
        self._pause_s = 1.0

    async def keep(self) -> None:
        """Register, wait for the loss, and so on."""
        self._ua.on(self._hear)
        while True:
            failure = await self._register()
            if failure is None:
                self._pause_s = 1.0
                self._tell(types.Registered(time.time()))
                failure = await self._loss()
            self._tell(self._lost(failure))
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)

    async def _register(self) -> RegistrationError | None:
        try:
            await self._ua.register(timeout=_ANSWER_S)
        except RegistrationError as error:
            return error
        finally:
            while not self._news.empty():
                self._news.get_nowait()
        self._heard_at = time.monotonic()
        return None

    async def _loss(self) -> RegistrationError:
        """Wait until the registrar refuses a refresh, or has not answered one for too long."""
        while True:
            gap_s = self._longest_gap_s
            overdue_s = self._heard_at + gap_s + min(gap_s, _SLACK_S) - time.monotonic()
            try:
                async with asyncio.timeout(max(overdue_s, 0)):
                    failure = await self._news.get()
            except TimeoutError:
                return RegistrationError("overdue", reason="no answer")
            if failure is not None:
                return failure

    def _hear(self, event: StackEvent) -> None:
        if event.event is Stack.REGISTER_OK:
            now = time.monotonic()
            if self._heard_at and now - self._heard_at > 0.5:  # how often the registrar really wants it
                self._longest_gap_s = min(self._longest_gap_s, max(now - self._heard_at, 1.0))
            self._heard_at = now
            self._news.put_nowait(None)
        elif event.event is Stack.REGISTER_FAIL:
            code, _, reason = (event.text or "").partition(" ")
            is_code = len(code) == 3 and code.isdigit()
            error = RegistrationError(
                "", status=int(code) if is_code else None, reason=reason if is_code else event.text or ""
            )
            self._news.put_nowait(error)

    def _lost(self, failure: RegistrationError) -> types.RegistrationLost:
        is_refused = is_refusal(failure.status)
        self._pause_s = _REFUSED_PAUSE_S if is_refused else self._pause_s
        reason = failure.reason or "no answer"
        return types.RegistrationLost(time.time(), reason, failure.status, is_refused, self._pause_s)
