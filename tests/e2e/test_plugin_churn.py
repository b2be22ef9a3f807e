"""The promise that plugins come and go without a restart and unnoticed: two web processes and a worker under steady load while
one plugin is installed, updated, switched off and uninstalled, again and again."""

import io
import os
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import dropwhile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.models import Direction, InboundEvent, Message
from app.services import accounts, agents
from app.services.core import SYSTEM, Core
from app.services.plugins.archives import install, stage
from app.services.plugins.removal import uninstall
from app.services.plugins.switch import switch_plugin
from tests.e2e.churn import Poster, Reader, Watcher, web_processes
from tests.e2e.running import Running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROUNDS = int(os.environ.get("TIDINGS_TEST_ROUNDS", "15"))
"""Of four or five changes each. Fifty take more than two minutes of both processors: for when something of this changed."""
NOTICED_S, AT_LAST_S = 1.0, 4.0
SAMPLE = Path(__file__).parents[1] / "sample_plugins" / "weathervane"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Change:
    """From `began` on the plugin may answer as `version` ("" for not at all); from a second after `ended` on it must."""

    began: float
    ended: float
    version: str


@dataclass
class Churn:
    """Changes the plugin and waits after each change until every web process has followed. `lags`: how long after a change a process was
    last asked and gave the answer from before it."""

    core: Core
    watchers: list[Watcher]
    changes: list[Change] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    def install(self, version: str) -> None:
        def change() -> None:
            card = stage(self.core, SYSTEM, archive("weathervane", version))
            install(self.core, SYSTEM, card.token, card.asks, switch_on=True)

        self._change(change, version)

    def switch(self, is_on: bool, version: str) -> None:
        self._change(lambda: switch_plugin(self.core, SYSTEM, "weathervane", is_on), version if is_on else "")

    def uninstall(self) -> None:
        self._change(lambda: uninstall(self.core, SYSTEM, "weathervane"), "")

    def _change(self, change, version: str) -> None:
        began = time.time()
        change()
        ended = time.time()
        self.changes.append(Change(began, ended, version))
        for watcher in self.watchers:
            self._wait_for(watcher, version, ended)
            self.lags.append(watcher.last_other(version, ended) - ended)

    def _wait_for(self, watcher: Watcher, version: str, since: float) -> None:
        deadline = time.time() + 10
        while time.time() < deadline:
            if watcher.saw(version, since):
                return
            time.sleep(0.01)
        raise AssertionError(f"process {watcher.pid} still says {watcher.seen[-1][2]!r}, not {version!r}")


def archive(name: str, version: str) -> bytes:
    """The sample as an archive, in a version and under a name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for path in (SAMPLE / "manifest.toml", SAMPLE / "__init__.py"):
            file.writestr(f"{name}/{path.name}", sample_text(path, name, version))
    return buffer.getvalue()


def sample_text(path: Path, name: str, version: str) -> str:
    text = (
        path.read_text()
        .replace('version = "1"', f'version = "{version}"')
        .replace('VERSION = "1"', f'VERSION = "{version}"')
    )
    return text.replace("weathervane", name)


@pytest.fixture
def running(tmp_path):
    log = tmp_path / "told.txt"
    log.touch()
    made = Running(
        tmp_path / "home",
        {"TIDINGS_WEB_WORKERS": "2", "TIDINGS_ALLOW_UPLOADS": "1", "TIDINGS_PLUGIN_WEATHERVANE_LOG": str(log)},
    )
    made.start()
    try:
        made.wait_until_up()
        yield made
    finally:
        made.stop()


def test_a_plugin_comes_and_goes_under_load_and_nobody_notices(running, tmp_path):
    with running.opened(allow_uploads=True) as core:
        channel, account = prepare(core)
        pids = web_processes(running.port, 2)
        watchers = [Watcher(running.port, pid) for pid in sorted(pids)]
        posters = [Poster(running.address, channel, account, name) for name in ("left", "right")]
        readers = [Reader(running.address, "ada@example.test", PASSWORD) for _ in range(2)]
        load = [*watchers, *posters, *readers]
        for thread in load:
            thread.start()
        churn = Churn(core, watchers)
        began = time.monotonic()
        held = churn_plugin(churn)
        took_s = time.monotonic() - began
        for thread in load:
            thread.end()
        sent = [one for poster in posters for one in poster.taken]
        stored = wait_for_messages(core, len(sent))
    told = [line.split() for line in (tmp_path / "told.txt").read_text().splitlines()]
    report(churn, took_s, readers, posters, sent, told, pids)
    assert [problem for thread in load for problem in thread.problems] == []
    assert {key: count for one in readers for key, count in one.statuses.items() if key[1] != 200} == {}
    assert {status for poster in posters for status in poster.statuses} == {202}
    assert stored == Counter(sent)
    late_calls = lateness_of_calls(churn, told)
    for late in (sorted(churn.lags), late_calls):
        assert late[int(len(late) * 0.95)] <= NOTICED_S
        assert late[-1] <= AT_LAST_S
    assert relapses(churn) == []
    assert [moment for moment in held if not was_told(told, pids, *moment)] == []


def prepare(core: Core):
    """An agent, an account that takes messages over HTTP, a second plugin that stays; gives the channel and the account."""
    ada = agents.create_agent(core, SYSTEM, name="Ada", email="ada@example.test", role="admin")
    agents.set_password(core, ada, PASSWORD)
    secrets = {"shared_secret": "a secret of the provider"}
    account_id = accounts.create_account(
        core, SYSTEM, plugin="echo", name="Echo", settings={"prefix": ""}, secrets=secrets, is_tested=False
    )
    card = stage(core, SYSTEM, archive("lookout", "1"))
    install(core, SYSTEM, card.token, card.asks, switch_on=True)
    account = core.plugins._backend.account("echo", account_id)
    core.session.rollback()
    return core.plugins.channels["echo"], account


def churn_plugin(churn: Churn) -> list[tuple[float, float, str]]:
    """All rounds. Now and then a version stays for two seconds: gives (from, to, version) of these times."""
    held = []
    for number in range(ROUNDS):
        churn.install("1")
        if number % 10 == 0:
            time.sleep(2)
            held.append((churn.changes[-1].ended, time.time(), "1"))
        churn.install("2")
        churn.switch(False, "2")
        if number % 5 == 0:
            churn.switch(True, "2")
        churn.uninstall()
    return held


def wait_for_messages(core: Core, count: int) -> Counter:
    """The ids of all stored messages, once so many are there and nothing waits (or a minute is over)."""
    inbound = Message.direction == Direction.INBOUND
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        stored = core.session.scalar(select(func.count()).select_from(Message).where(inbound))
        waiting = core.session.scalar(
            select(func.count()).select_from(InboundEvent).where(InboundEvent.state == "received")
        )
        core.session.rollback()
        if stored >= count and not waiting:
            break
        time.sleep(0.2)
    return Counter(core.session.scalars(select(Message.external_id).where(inbound)))


def relapses(churn: Churn) -> list[str]:
    """Answers of a web process that had followed a change already and then spoke as if it had not."""
    ends = [*(change.began for change in churn.changes[1:]), float("inf")]
    return [
        f"process {watcher.pid}: {answer!r} instead of {change.version!r} {before - change.ended:.2f} s after the change"
        for change, end in zip(churn.changes, ends, strict=True)
        for watcher in churn.watchers
        for before, answer in since_it_followed(watcher, change, end)
        if answer != change.version
    ]


def since_it_followed(watcher: Watcher, change: Change, end: float) -> Iterator[tuple[float, str]]:
    """(when asked, answer) of all that a process answered before the next change began, from its first true answer on."""
    told = [(before, answer) for before, after, answer in watcher.seen if before > change.ended and after < end]
    return dropwhile(lambda one: one[1] != change.version, told)


def lateness_of_calls(churn: Churn, told: list[list[str]]) -> list[float]:
    """For each hook call, in any process, how many seconds its version was gone then; endless for a version that was not there yet."""
    ends = [*(change.ended for change in churn.changes[1:]), float("inf")]
    spans = [(change.began, end, change.version) for change, end in zip(churn.changes, ends, strict=True)]
    return sorted(
        min(
            (
                max(0.0, float(moment) - end)
                for begin, end, wanted in spans
                if wanted == version and begin <= float(moment)
            ),
            default=float("inf"),
        )
        for moment, version, _, _ in told
    )


def was_told(told: list[list[str]], web_pids: set[int], begin: float, end: float, version: str) -> bool:
    """Whether the worker called the hook of this version in this time."""
    return any(
        begin < float(moment) < end and version == seen and int(pid) not in web_pids for moment, seen, pid, _ in told
    )


def report(churn: Churn, took_s: float, readers, posters, sent, told, pids) -> None:
    lags = sorted(churn.lags)
    pages = sum((reader.statuses for reader in readers), Counter())
    callers = Counter("web" if int(pid) in pids else "worker" for _, _, pid, _ in told)
    print(
        f"{len(churn.changes)} changes in {took_s:.0f} s; every web process followed after {lags[len(lags) // 2]:.2f} s (median), "
        f"{lags[int(len(lags) * 0.95)]:.2f} s (95 %), {lags[-1]:.2f} s (most); {sum(pages.values())} pages, {len(sent)} messages, "
        f"{dict(callers)} hook calls"
    )
