"""Names of processes, for leases: a lease whose holder is known to be gone need not be waited for."""

import os
import socket

__all__ = ["is_gone", "process_name"]


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


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
