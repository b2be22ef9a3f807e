"""Telephones for tests: SIPp places and takes calls with real SIP, and says afterwards whether each went as its scenario has it.

The audio is either SIPp's own (a tone from a file, for many calls at once) or that of a `Voice`, which also hears and presses keys.
"""

from __future__ import annotations

import itertools
import random
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import remove_directory
from app.testing.servers.rtp import RATE, Voice, to_ulaw
from app.testing.servers.sipp_scenarios import Caller, caller_scenario, phone_scenario

__all__ = ["Caller", "RunningCalls", "SIPPhones"]

_numbers = itertools.count(1)
_PORTS = range(10000, 16000, 20)
"""Blocks of ports, below those that systems and telephones choose by themselves: SIP takes the first, audio the eighth and some more."""
_AUDIO = 8


@dataclass
class RunningCalls:
    """SIPp at work. `port`: where it takes SIP."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    lease: socket.socket

    def wait(self, timeout_s: float = 30.0) -> None:
        """Return when every call went as expected; raise AssertionError with SIPp's own words if one did not, or in time."""
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f"SIPp was not done after {timeout_s:.0f} s:\n{self.words()}") from None
        assert code == 0, f"SIPp ended with {code}:\n{self.words()}"

    def end(self) -> None:
        """End SIPp where it is: it never speaks again, as a telephone without power."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.lease.close()

    def words(self) -> str:
        """What SIPp complained about, and the messages it saw."""
        files = [self.folder / "output", *sorted(self.folder.glob("*.log"))]
        texts = [path.read_text(errors="replace")[-3000:] for path in files if path.exists()]
        return "\n".join(texts)[-6000:]

    def messages(self) -> str:
        """Every SIP message that was sent or received so far."""
        path = self.folder / "messages.log"
        return path.read_text(errors="replace") if path.exists() else ""


class SIPPhones:
    """Starts SIPp as often as a test needs it; ends what still runs when it is closed."""

    def __init__(self) -> None:
        self._program = shutil.which("sipp")
        if self._program is None:
            raise MissingComponent("SIPp is not installed: run `apt-get install sip-tester`.")
        self._root = Path(tempfile.mkdtemp(prefix="tidings-sipp-"))
        self._running: list[RunningCalls] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def call(self, to: str, *, through: str, voice: Voice | None = None, **how: Any) -> RunningCalls:
        """Dial a number through the proxy at "host:port"; returns at once. `how`: the fields of `Caller`. Without a `voice`, SIPp sends a
        tone for two seconds."""
        caller = Caller(**how)
        text = caller_scenario(to, caller, voice.port if voice else None, self._tone())
        many = ["-m", str(caller.count), "-l", str(caller.count), "-r", str(caller.count * 2)]
        return self._start(through, text, many)

    def phone(
        self, *, voice: Voice | None = None, count: int = 1, answers_after_s: float = 0.1, stays_s: float = 10.0
    ) -> RunningCalls:
        """A telephone that waits at `port` for so many calls and answers each."""
        text = phone_scenario(voice.port if voice else None, answers_after_s, stays_s)
        return self._start("127.0.0.1:9", text, ["-m", str(count)])

    def close(self) -> None:
        """End every telephone."""
        for running in self._running:
            running.end()
        remove_directory(self._root)

    def _start(self, peer: str, scenario: str, options: list[str]) -> RunningCalls:
        folder = self._root / str(next(_numbers))
        folder.mkdir()
        (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        lease, port = _leased_ports()
        command = [
            str(self._program),
            peer,
            "-sf",
            "scenario.xml",
            "-i",
            "127.0.0.1",
            "-p",
            str(port),
            "-nostdin",
            *options,
        ]
        command += ["-mp", str(port + _AUDIO), "-trace_err", "-error_file", "errors.log"]
        command += ["-trace_msg", "-message_file", "messages.log", "-timeout", "60s", "-timeout_error"]
        command += ["-default_behaviors", "all,-abortunexp"]  # UDP may bring a message late; what is missing is noticed
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._running.append(RunningCalls(process, port, folder, lease))
        return self._running[-1]

    def _tone(self) -> Path:
        """Two seconds of a tone as SIPp streams it: a square wave, which every second sample could tell."""
        path = self._root / "tone.ul"
        if not path.exists():
            loud, low = to_ulaw(12000), to_ulaw(-12000)
            path.write_bytes(bytes(loud if number // 10 % 2 else low for number in range(RATE * 2)))
        return path


def _leased_ports() -> tuple[socket.socket, int]:
    """The first port of a block that is nobody else's until the socket is closed: SIPp ends at once where a port of its is taken. It speaks
    UDP alone, so a bound TCP socket marks the block for every process of the tests."""
    for port in random.sample(_PORTS, len(_PORTS)):
        lease = socket.socket()
        try:
            lease.bind(("127.0.0.1", port))
            for used in (port, port + _AUDIO, port + _AUDIO + 2):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", used))
        except OSError:
            lease.close()
        else:
            return lease, port
    raise RuntimeError("No ports are left for telephones.")
