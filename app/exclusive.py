"""What only one process can have: a home folder, a port. Whoever comes second is told so in a sentence."""

import fcntl
import os
import socket
import time
from pathlib import Path

from app.errors import ConfigError
from app.processes import is_gone, process_name

__all__ = ["must_be_free", "take_home"]


def take_home(home: Path, patience_s: float = 30) -> int:
    """Take a home folder for this process and give the descriptor that holds it; children that inherit it hold it too.

    Raises `ConfigError` when another supervisor runs there. What one that died has left is waited for: it is about to end.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(home / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip()
            if not is_gone(holder) or time.monotonic() > deadline:
                os.close(descriptor)
                raise ConfigError(
                    f"Tidings runs in {home} already (process {holder.rpartition(':')[2] or 'unknown'})."
                ) from None
            time.sleep(0.2)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, process_name().encode(), 0)
    return descriptor


def must_be_free(host: str, port: int) -> None:
    """Raise `ConfigError` when nothing can listen there: the port is taken, or the address is not one of this machine."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise ConfigError(
            f"Pages cannot be served at {host}, port {port}: {error.strerror}. Choose others with TIDINGS_HOST and TIDINGS_PORT."
        ) from error
