"""Promises of `tidings run`: one at a time in a home, back at once after any death, gone within seconds when asked."""

import os
import signal
import time
from contextlib import suppress

import psutil
import pytest

from tests.e2e.running import Running, kill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def running(tmp_path):
    running = Running(tmp_path / "home")
    yield running
    running.stop()


def part(running, name):
    """The process of a part itself, not one it forked; None while there is none."""
    for one in running.family():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if name in one.cmdline() and one.ppid() == running.process.pid:
                return one
    return None


def wait_until(is_so, timeout_s=40):
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_second_one_is_refused_while_the_first_runs_and_welcome_afterwards(running):
    running.start()
    running.wait_until_up()

    second = running.command("run")
    assert (second.returncode, second.stdout) == (2, "")
    assert f"already (process {running.process.pid})" in second.stderr

    assert running.stop() == 0
    running.start()
    running.wait_until_up()


def test_one_that_was_killed_is_followed_at_once_and_leaves_nobody_behind(running):
    running.start()
    running.wait_until_up()
    family = running.family()
    kill(psutil.Process(running.process.pid))
    running.process.wait()

    running.start()
    wait_until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family[1:]))
    running.wait_until_up()
    assert running.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("after_s", [0.2, 1.0, 2.5, 6.0])
def test_it_ends_in_order_whenever_it_is_told_to(running, number, after_s):
    running.start()
    time.sleep(after_s)
    family = running.family()

    os.kill(running.process.pid, number)
    code = running.process.wait(timeout=40)

    assert code in (0, 130, -number), running.output  # before it can listen the signal ends it like any program
    wait_until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family))
    assert "Traceback" not in running.output


def test_a_part_that_dies_again_and_again_is_started_again_and_does_not_take_the_other_along(running):
    running.start()
    running.wait_until_up()
    web = part(running, "web")
    pids = set()
    for _ in range(4):
        wait_until(lambda: (worker := part(running, "worker")) and worker.pid not in pids)
        worker = part(running, "worker")
        pids.add(worker.pid)
        kill(worker)

    wait_until(lambda: (worker := part(running, "worker")) and worker.pid not in pids)
    assert part(running, "web").pid == web.pid
    assert running.process.poll() is None


def test_what_a_part_refuses_at_its_first_start_ends_everything_with_its_sentence(running):
    running.environment["TIDINGS_THEME"] = "nothing"
    running.start()

    assert running.process.wait(timeout=60) == 2
    assert "tidings: TIDINGS_THEME: there is no theme called 'nothing'." in running.output
    assert "Traceback" not in running.output
