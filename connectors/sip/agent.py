"""The SIP agent: one process, one account, many calls. Reads commands as lines of JSON on its input, writes events on its output.

`python -m connectors.sip.agent`; the first command is a `Setup`. It ends on `Stop`, on SIGTERM, and when its input ends, which is also what
happens when whoever started it dies. The password is nowhere but in that first line and in baresip's memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, BinaryIO

import baresip
from baresip import Account, BaresipError, Config, Runtime, UserAgent

from connectors.sip import types, wire
from connectors.sip.answering import Desk
from connectors.sip.connecting import call_out, connect
from connectors.sip.line import Line, LineClosed
from connectors.sip.registration import Registration
from connectors.sip.types import Event, Setup

__all__ = ["main", "own_output"]

log = logging.getLogger("connectors.sip.agent")

_HEADERS = ("From", "To", "P-Asserted-Identity", "Remote-Party-ID")
_SPARE_CALLS = 4
"""So many calls beyond the limit are told of before they are declined; baresip declines the rest by itself."""
_RTP_TIMEOUT_S = 30


class Agent:
    """What runs: a user agent, its registration, a task for each call."""

    def __init__(self, setup: Setup, tell: Callable[[Event], None]) -> None:
        self._setup = setup
        self._tell = tell
        self._runtime = Runtime()
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ua: UserAgent | None = None
        self._desk: Desk | None = None
        self._is_ending = False
        self.dead = asyncio.Event()

    async def start(self) -> None:
        """Bring up the SIP stack and begin to register. Raises BaresipError or ValueError for a setup that cannot work."""
        self._runtime.on_dead = self.dead.set
        await self._runtime.start(_config(self._setup))
        ua = await UserAgent.create(self._runtime, _account(self._setup.account), transfer_policy="reject")
        self._ua = ua
        if not self._setup.registers_only:
            self._desk = Desk(ua, self._setup.answering, self._setup.folder, self._tell, self._address_of)
            ua.on_incoming(self._incoming)
        self._run(Registration(ua, self._setup.account.register_every_s, self._tell).keep())

    async def end(self, grace_s: float, hurry: asyncio.Future[Any] | None = None) -> None:
        """Take no more calls, wait for those that go on until `hurry` is done, hang up the rest, un-register."""
        self._is_ending = True
        deadline = time.monotonic() + grace_s
        while self._lines and time.monotonic() < deadline and not (hurry and hurry.done()):
            await asyncio.sleep(0.1)
        for line in list(self._lines.values()):
            line.was_stopped = True
            await line.hang_up()
        # Once is not enough: baresip's own waiting can swallow a cancellation.
        while pending := {task for task in self._tasks if not task.done()}:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=0.2)
        with contextlib.suppress(BaresipError):
            await self._runtime.close()

    async def obey(self, command: types.Command) -> None:
        """Do what a command says, `Setup` and `Stop` apart."""
        match command:
            case types.Answer(answering=answering) if self._desk is not None:
                self._desk.answering = answering
            case types.Dial() if not self._is_ending:
                self._run(self._dial(command))
            case types.HangUp(call=call) if call in self._lines:
                await self._lines[call].hang_up()

    # -- calls ------------------------------------------------------------------------------------------

    def _incoming(self, call: baresip.Call) -> None:
        line = Line(call)
        to = _user(call.headers.get("To", "")) or self._setup.account.user
        self._tell(types.Ringing(line.began_at, line.id, line.number, line.name, to))
        if self._is_ending or len(self._lines) >= self._setup.most_calls:
            self._run(self._decline(line))
            return
        assert self._desk is not None
        self._run(self._whole(line, self._desk.take(line)))

    async def _decline(self, line: Line) -> None:
        await line.reject()
        self._tell(types.Ended(time.time(), line.id, "busy"))

    async def _whole(self, line: Line, work: Coroutine[Any, Any, None]) -> None:
        """Run a call's work to its end and tell of that, whatever happens."""
        self._lines[line.id] = line
        detail = ""
        try:
            await work
        except LineClosed:
            pass
        except BaresipError as error:
            detail = str(error)
        except Exception as error:
            log.exception("a call failed")
            detail = type(error).__name__
        finally:
            await line.hang_up()
            self._lines.pop(line.id, None)
            self._tell_end(line, detail)

    def _tell_end(self, line: Line, detail: str) -> None:
        now = time.time()
        statistics = line.call.final_stats
        if statistics is not None:
            lost = statistics.rx_lost or statistics.jbuf_lost or 0
            self._tell(
                types.Statistics(
                    now,
                    line.id,
                    statistics.tx_packets,
                    statistics.rx_packets,
                    lost,
                    statistics.rx_jitter_ms,
                    statistics.mos_estimate,
                )
            )
        why = "failed" if detail else "stopped" if line.was_stopped else line.why_closed()
        self._tell(types.Ended(now, line.id, why, round(line.seconds, 2), detail))

    async def _dial(self, wish: types.Dial) -> None:
        """Ring our own telephone first; when it is taken, connect it with the number."""
        assert self._ua is not None
        self._tell(types.Ringing(time.time(), wish.dial, wish.number, to=wish.first, dial=wish.dial))
        try:
            line = await call_out(self._ua, self._address_of(wish.first), wish.ring_s)
        except (BaresipError, LineClosed, ValueError) as error:
            self._tell(types.Ended(time.time(), wish.dial, "unanswered", detail=str(error)))
            return
        line.id, line.is_ours = wish.dial, True
        await self._whole(line, self._connect(line, wish))

    async def _connect(self, line: Line, wish: types.Dial) -> None:
        assert self._ua is not None
        line.answered_at = None
        await connect(self._ua, line, wish.number, self._address_of(wish.number), self._tell_connected(line))

    def _tell_connected(self, line: Line) -> Callable[[Event], None]:
        """The contact answered when the connection was made."""

        def tell(event: Event) -> None:
            if isinstance(event, types.Transferred):
                line.answered_at = event.at
                self._tell(types.Answered(event.at, line.id))
            self._tell(event)

        return tell

    def _address_of(self, number: str) -> str:
        """A SIP address for a number as people write it, at our own domain; addresses stay as they are."""
        if number.startswith(("sip:", "sips:")):
            return number
        plain = number if "@" in number else "".join(char for char in number if char.isalnum() or char in "+*#._-")
        domain = "" if "@" in number else f"@{self._setup.account.domain}"
        return f"sip:{plain}{domain};transport={self._setup.account.transport}"

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def main() -> int:
    """Run the agent; the exit code is 0 after an orderly end."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_serve())
    return 0


async def _serve() -> int:
    out = own_output()
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    reader = await _input()
    first = await reader.readline()
    if not first:
        return 0
    setup = wire.command_from_line(first.decode())
    if not isinstance(setup, Setup):
        raise SystemExit("the first command must be a Setup")
    agent = Agent(setup, _teller(out, ending))
    try:
        await agent.start()
    except (BaresipError, ValueError) as error:
        await agent.end(0)
        sys.stderr.write(f"The SIP settings cannot be used: {error}.\n")
        return wire.IMPOSSIBLE
    stop = await _until_told(agent, reader, ending)
    hurry = asyncio.ensure_future(_until_told(agent, reader, ending))
    await agent.end(stop.grace_s, hurry)
    hurry.cancel()
    return 1 if agent.dead.is_set() else 0


async def _until_told(agent: Agent, reader: asyncio.StreamReader, ending: asyncio.Event) -> types.Stop:
    """Obey until there is a reason to end: `Stop`, the end of the input, a signal, a dead SIP stack."""
    reading = asyncio.ensure_future(_obey(agent, reader))
    reasons = {reading, asyncio.ensure_future(ending.wait()), asyncio.ensure_future(agent.dead.wait())}
    await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
    stop = reading.result() if reading.done() else types.Stop()
    for reason in reasons:
        reason.cancel()
    return stop


async def _obey(agent: Agent, reader: asyncio.StreamReader) -> types.Stop:
    while line := await reader.readline():
        try:
            command = wire.command_from_line(line.decode())
        except ValueError as error:
            log.warning("a command was not understood: %s", error)
            continue
        if isinstance(command, types.Stop):
            return command
        await agent.obey(command)
    return types.Stop()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def own_output() -> BinaryIO:
    """The output for events, which nothing else writes to any more: what the SIP stack prints, and callers may have a part in, goes where
    logs go."""
    sys.stdout.flush()
    out = open(os.dup(1), "wb", buffering=0)  # noqa: SIM115 - for as long as the process lives
    os.dup2(2, 1)
    return out


def _teller(out: BinaryIO, ending: asyncio.Event) -> Callable[[Event], None]:
    """Writes events; when nobody reads them any more, the agent ends."""

    def tell(event: Event) -> None:
        try:
            out.write(wire.to_line(event).encode() + b"\n")
        except (BrokenPipeError, ValueError):
            ending.set()

    return tell


def _config(setup: Setup) -> Config:
    lines = [f"sip_listen {setup.listen}"] if setup.listen else []
    lines += [f"rtp_ports {setup.rtp_ports}"] if setup.rtp_ports else []
    return Config(
        net_interface=setup.interface or None,
        max_concurrent_calls=setup.most_calls + _SPARE_CALLS,
        expose_headers=_HEADERS,
        rtp_timeout=_RTP_TIMEOUT_S,
        extra_config_text="\n".join(lines),
    )


def _account(account: types.SIPAccount) -> Account:
    proxy = (
        account.proxy if not account.proxy or ";" in account.proxy else f"{account.proxy};transport={account.transport}"
    )
    return Account(
        user=account.user,
        domain=account.domain,
        password=account.password,
        registrar=proxy or None,
        reg_interval=account.register_every_s,
        transport=account.transport,
        auth_user=account.login or None,
    )


def _user(header: str) -> str:
    return header.partition(":")[2].partition("@")[0] if ":" in header else ""


if __name__ == "__main__":
    raise SystemExit(main())
