"""Promises of processes: a child ends with its parent, also when the parent was gone before the child had looked."""

import os
import subprocess
import sys
import time

from app.processes import is_gone, process_name

CHILD = "import time; from app.processes import stop_with_parent; stop_with_parent(int({parent}), 0.05); time.sleep(60)"


def test_a_child_ends_when_its_parent_is_gone_already():
    began = time.monotonic()

    child = subprocess.run([sys.executable, "-c", CHILD.format(parent=2**22 - 1)], timeout=30)

    assert child.returncode == -15
    assert time.monotonic() - began < 20


def test_a_child_lives_with_its_parent():
    child = subprocess.Popen([sys.executable, "-c", CHILD.format(parent=os.getpid())])
    time.sleep(1.5)
    try:
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_a_process_that_ended_is_known_to_be_gone():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    name = f"{process_name().rpartition(':')[0]}:{child.pid}"
    child.wait()

    assert is_gone(name)
    assert not is_gone(process_name())
    assert not is_gone("another-host:1")
    assert not is_gone("")
