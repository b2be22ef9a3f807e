"""One call as the agent handles it: sound out, sound in, keys, its end. baresip's traps are met here and nowhere else.

baresip sends a re-INVITE right after answering, and others may at any time: the streams are then new ones (`AudioRestarted`) and what was
buffered is lost. Sound is therefore written only a little ahead.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import time
from collections.abc import AsyncIterator

from baresip import AudioNotActive, AudioRestarted, BaresipError, Call, CallState, Event, StackEvent

from connectors.sip.sound import RATE
from connectors.sip.types import Why

__all__ = ["Line", "LineClosed", "id_of", "who"]

_STEP_S = 0.05
_AHEAD = RATE * 2 // 5
"""Bytes written ahead: a fifth of a second, which a busy machine can still keep up with."""
_SETTLES_S = 0.35
"""So long after the answer the re-INVITE has come, if it comes."""
_ADDRESS = re.compile(r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^<"]*?))\s*<sips?:(?P<user>[^@>;]*)(?:;[^@>]*)?@')
_LONGEST_HEADER, _LONGEST_NAME = 400, 200
_PLAIN_ID = re.compile(r"[!-~]{1,150}")
_HIDDEN = frozenset({"anonymous", "unavailable", "restricted", "unknown", "private"})


class LineClosed(Exception):
    """The call is over: whatever was being done with it stops."""


class Line:
    """A call of baresip's. `keys` is a queue of pressed digits; `answered_at` None until it stands; `is_ours` when we dialled it for
    somebody; `was_stopped` when the agent ended before it."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.id = id_of(call)
        self.name, self.number = who(call.headers, call.peer)
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.began_at = time.time()
        self.answered_at: float | None = None
        self.end_text = ""
        self.we_hung_up = False
        self.is_ours = False
        self.was_stopped = False
        self.closed = asyncio.Event()
        call.on(self._hear)
        call.on_dtmf(lambda event: self.keys.put_nowait(event.digit))
        if call.state is CallState.CLOSED:
            self.closed.set()

    @property
    def seconds(self) -> float:
        """How long it has stood."""
        return time.time() - self.answered_at if self.answered_at else 0.0

    def _hear(self, event: StackEvent) -> None:
        if event.event is Event.CALL_CLOSED:
            self.end_text = event.text or ""
            self.closed.set()

    async def sleep(self, seconds: float) -> None:
        """Wait; raises `LineClosed` as soon as the call is over."""
        try:
            async with asyncio.timeout(seconds):
                await self.closed.wait()
        except TimeoutError:
            return
        raise LineClosed

    async def answer(self) -> None:
        """Take the call and wait until sound flows."""
        try:
            await self.call.answer()
            await self.call.wait_established(10)
        except BaresipError as error:
            raise LineClosed(str(error)) from None
        await self.stands()

    async def stands(self) -> None:
        """Wait until sound flows both ways and the re-INVITE is over."""
        self.answered_at = time.time()
        for _ in range(40):
            try:
                info = self.call.audio.info()
                if info.tx_ready and info.rx_ready:
                    break
            except (AudioNotActive, AudioRestarted):
                pass
            await self.sleep(_STEP_S)
        await self.sleep(_SETTLES_S)

    async def play(self, sound: bytes, *, until_key: bool = False) -> None:
        """Say sound; returns when it was heard, or as soon as a key waits where that is wanted."""
        position = 0
        self._drop_heard()
        while position < len(sound):
            if until_key and not self.keys.empty():
                self._hush()
                return
            position += self._write(sound[position : position + _AHEAD])
            self._drop_heard()
            await self.sleep(_STEP_S)
        while self._buffered() > 0:
            if until_key and not self.keys.empty():
                self._hush()
                return
            await self.sleep(_STEP_S)

    async def key(self, wait_s: float) -> str:
        """The next key, or nothing after so long."""
        getting = asyncio.ensure_future(self.keys.get())
        closing = asyncio.ensure_future(self.closed.wait())
        try:
            await asyncio.wait({getting, closing}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                return getting.result()
            if closing.done():
                raise LineClosed
            return ""
        finally:
            getting.cancel()
            closing.cancel()

    async def heard(self) -> AsyncIterator[bytes]:
        """What the other side says, piece by piece, until the call is over. What came before is left out."""
        self._drop_heard()
        while True:
            yield self.read()
            try:
                await self.sleep(_STEP_S)
            except LineClosed:
                return

    def read(self) -> bytes:
        """What came in since the last time; nothing while the streams are being renewed."""
        try:
            return self.call.audio.read(65536)
        except (AudioRestarted, AudioNotActive):
            return b""

    def write(self, sound: bytes) -> None:
        """Pass sound on as it comes; what does not fit is left out."""
        self._write(sound)

    async def hang_up(self) -> None:
        """End the call from our side; nothing happens when it is over."""
        if self.closed.is_set():
            return
        self.we_hung_up = True
        try:
            await self.call.hangup()
            async with asyncio.timeout(2):
                await self.closed.wait()
        except (BaresipError, TimeoutError):
            self.closed.set()

    async def reject(self) -> None:
        """Answer 486 Busy Here."""
        self.we_hung_up = True
        try:
            await self.call.reject()
        except BaresipError:
            self.closed.set()

    def why_closed(self) -> Why:
        """Who or what ended it, from baresip's words."""
        if "transfered" in self.end_text:  # sic: baresip spells it so
            return "transferred"
        if "rtp stream error" in self.end_text.lower():
            return "lost"
        if self.answered_at is None:
            return "unanswered" if self.is_ours else "abandoned"
        return "done" if self.we_hung_up else "caller"

    def _write(self, sound: bytes) -> int:
        """Bytes that need not be written again."""
        if self._buffered() >= _AHEAD:
            return 0
        try:
            return self.call.audio.write(sound)
        except (AudioRestarted, AudioNotActive):
            return 0

    def _buffered(self) -> int:
        try:
            return self.call.audio.info().tx_buffered
        except (AudioRestarted, AudioNotActive):
            return 0

    def _hush(self) -> None:
        with contextlib.suppress(AudioRestarted, AudioNotActive):
            self.call.audio.flush_tx()

    def _drop_heard(self) -> None:
        self.read()


def id_of(call: Call) -> str:
    """The Call-ID. The other side makes it up, of any length: one that is no plain word of bearable length is told by its digest."""
    given = call.call_id or f"call-{call.handle}"
    return given if _PLAIN_ID.fullmatch(given) else hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()


def who(headers: dict[str, str], peer: str | None) -> tuple[str, str]:
    """Name and number of a caller, both empty when withheld: what the network asserts (RFC 3325) goes before what the telephone says.
    Anybody may send anything: what is longer than names and numbers are is cut."""
    for header in ("P-Asserted-Identity", "Remote-Party-ID", "From"):
        found = _ADDRESS.match(headers.get(header, "").strip()[:_LONGEST_HEADER])
        if found and found["user"].lower() not in _HIDDEN:
            name = (found["quoted"] or found["plain"] or "").replace("\\", "").strip()
            return ("" if name.lower() in _HIDDEN else name[:_LONGEST_NAME]), found["user"]
    if headers.get("From"):
        return "", ""
    user = (peer or "").partition(":")[2].partition("@")[0]
    return "", "" if user.lower() in _HIDDEN else user
