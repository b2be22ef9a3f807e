"""An agent under test: run in a thread, everything it says kept and waited for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.sip import Answering, Command, Event, Setup, SIPAccount, run_agent, write_wav
from connectors.sip.sound import beep

_Kind = TypeVar("_Kind")


class Desk:
    """A running agent of the test's. `said` grows; `wait_for` waits for an event."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.said: list[Event] = []
        self.wishes: queue.Queue[Command] = queue.Queue()
        self._heard = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for event in run_agent(self.setup, self._stop, self.wishes, tick_s=0.05):
            if event is not None:
                with self._heard:
                    self.said.append(event)
                    self._heard.notify_all()

    def wait_for(self, kind: type[_Kind], *, count: int = 1, timeout_s: float = 15.0) -> _Kind:
        """The last of the first `count` events of a kind."""
        with self._heard:
            came = self._heard.wait_for(lambda: len(self.all(kind)) >= count, timeout_s)
            assert came, f"no {count} {kind.__name__} in {timeout_s} s: {self.said}"
            return self.all(kind)[count - 1]

    def all(self, kind: type[_Kind]) -> list[_Kind]:
        return [event for event in self.said if isinstance(event, kind)]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)


@pytest.fixture
def create_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Return a factory of agents that answer at once; `how` are fields of `Answering`, the rest of `Setup` and `SIPAccount`."""
    made: list[Desk] = []

    def create(
        registrar: Any,
        user: str = "support",
        *,
        most_calls: int = 10,
        transport: str = "udp",
        every_s: int = 60,
        **how: Any,
    ) -> Desk:
        account = SIPAccount(
            user, registrar.address, registrar.users[user], transport=transport, register_every_s=every_s
        )
        answering = Answering(**{"ring_s": 0.2, **how})
        folder = tmp_path / "recordings"
        folder.mkdir(exist_ok=True)
        made.append(Desk(Setup(account, answering, str(folder), most_calls, interface="127.0.0.1")))
        return made[-1]

    yield create
    for desk in made:
        desk.close()


@pytest.fixture
def prompt(tmp_path: Path) -> str:
    """The path of a short announcement, a tone that can be told from silence."""
    path = tmp_path / "prompt.wav"
    write_wav(path, beep(0.6, hz=600))
    return str(path)


def wait_until(is_so: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)
