"""Connecting two sides: by REFER, after which the call goes on without us; or, where the other side declines that, by passing sound on.

A REFER asks the caller's side (the trunk, the PBX) to call the number itself, which is what telephones call a blind transfer (RFC 3515).
Many trunks do not allow it, so the second way is not an exception.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from baresip import BaresipError, TransferFailed, UserAgent

from connectors.sip import types
from connectors.sip.line import Line, LineClosed
from connectors.sip.types import Event

__all__ = ["call_out", "connect"]

_REFER_S = 35.0
_RING_S = 30.0
_FRAME_S = 0.02


async def connect(ua: UserAgent, line: Line, number: str, address: str, tell: Callable[[Event], None]) -> bool:
    """Connect a call that stands with `number`; true when it was done, and the call is then over for us. Raises `LineClosed`."""
    if await _refer(line, address):
        tell(types.Transferred(time.time(), line.id, number))
        return True
    if line.closed.is_set():
        raise LineClosed
    try:
        other = await call_out(ua, address, _RING_S, also_ends=line)
    except BaresipError as error:
        tell(types.TransferRefused(time.time(), line.id, number, str(error)))
        return False
    tell(types.Transferred(time.time(), line.id, number, is_bridged=True))
    await _bridge(line, other)
    return True


async def call_out(ua: UserAgent, address: str, ring_s: float, *, also_ends: Line | None = None) -> Line:
    """Call an address and wait until somebody answers. Raises BaresipError (`CallBusy`, `CallTimeout`, …) when nobody does, `LineClosed`
    when the line that waits for it ended."""
    other = Line(await ua.dial(address))
    waiting = asyncio.ensure_future(other.call.wait_established(ring_s))
    ending = asyncio.ensure_future(also_ends.closed.wait()) if also_ends else None
    try:
        await asyncio.wait({waiting, ending} if ending else {waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
            await other.stands()
            return other
        await other.hang_up()
        raise LineClosed
    finally:
        waiting.cancel()
        if ending:
            ending.cancel()


async def _refer(line: Line, address: str) -> bool:
    try:
        await line.call.transfer(address, timeout=_REFER_S)
    except TransferFailed:
        return False
    except BaresipError:
        return False
    return True


async def _bridge(one: Line, other: Line) -> None:
    """Pass sound on both ways until either side hangs up; the other is hung up too."""
    try:
        while not (one.closed.is_set() or other.closed.is_set()):
            other.write(one.read())
            one.write(other.read())
            await asyncio.sleep(_FRAME_S)
    finally:
        await other.hang_up()
