"""Processes of one installation: their names, for leases (one whose holder is gone need not be waited for), how they settle, and their
end."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable

__all__ = ["hurry_up", "is_gone", "is_stopping", "process_name", "settle_down", "stop_when", "stop_with_parent"]

_YOUNG_OBJECTS = 10_000
"""So many new objects are looked through at a time for garbage; Python's own 700 make it look through everything every few moments."""

_told_to_stop: list[Callable[[], bool]] = []


def process_name() -> str:
    """This process as "host:pid"."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def is_gone(name: str) -> bool:
    """True when the process ran on this host and does not any more. False when that cannot be told."""
    host, _, pid = name.rpartition(":")
    if not pid.isdigit() or host != socket.gethostname()[:60]:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def hurry_up() -> None:
    """For a process that has just begun: look for garbage less often, there is next to none among modules."""
    gc.set_threshold(_YOUNG_OBJECTS)


def settle_down() -> None:
    """For a process that has just been made ready and will serve for long: leave what it consists of out of the search for garbage.
    Python stands still while it looks through everything, for a quarter of a second with all plugins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)


def stop_with_parent(parent: int, pause_s: float = 0.5) -> None:
    """Watch the parent from a thread and ask this process to end (SIGTERM) when the parent is gone, however and whenever it went."""

    def watch() -> None:
        waiting = threading.Event()
        while os.getppid() == parent:
            waiting.wait(pause_s)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def stop_when(is_told: Callable[[], bool]) -> None:
    """Let the server say how this web process learns that it is to end."""
    _told_to_stop[:] = [is_told]


def is_stopping() -> bool:
    """Whether this web process was told to stop; endless answers must end then. False outside of a server."""
    return any(is_told() for is_told in _told_to_stop)


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
