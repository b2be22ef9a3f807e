"""Starting a server program without privileges, in a directory of its own, and ending it with everything it started."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY_UID = 65534


@dataclass(frozen=True)
class RunAs:
    """The user a server runs as: ourselves, or nobody when we are root, because servers refuse to run as root."""

    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> RunAs:
        """Return who to be in this test run."""
        if os.getuid() != 0:
            return cls(os.getuid(), os.getgid())
        return cls(NOBODY_UID, pwd.getpwuid(NOBODY_UID).pw_gid)

    def names(self) -> tuple[str, str]:
        """Return the names of the user and of the group."""
        return pwd.getpwuid(self.uid).pw_name, grp.getgrgid(self.gid).gr_name

    @property
    def is_other(self) -> bool:
        """Whether this is somebody else than the tests' own user."""
        return self.uid != os.getuid()

    def give(self, path: Path) -> Path:
        """Make the user the owner of a file or of a whole directory; return the path."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)
            for folder, folders, files in os.walk(path):
                for name in (*folders, *files):
                    os.chown(os.path.join(folder, name), self.uid, self.gid, follow_symlinks=False)
        return path

    def new_directory(self, prefix: str) -> Path:
        """Make a private temporary directory that the user owns."""
        return self.give(Path(tempfile.mkdtemp(prefix=prefix)))

    def reachable(self, path: Path, root: Path) -> Path:
        """Return `path`, or a copy in `root` if the user may not enter the folders above (a checkout in /root)."""
        if not self.is_other or all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents):
            return path
        copy = root / path.name
        if path.is_dir():
            shutil.copytree(path, copy, symlinks=True, dirs_exist_ok=True)
        elif not copy.exists():
            shutil.copy2(path, copy)
        return self.give(copy)

    def run(self, command: Sequence[str | Path], **kwargs: Any) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end as this user; a failure raises RuntimeError with its output."""
        done = subprocess.run(
            [str(part) for part in command], **self._identity(), capture_output=True, check=False, **kwargs
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {(done.stdout + done.stderr).decode(errors='replace')}")
        return done

    def spawn(self, command: Sequence[str | Path], log: Path, **kwargs: Any) -> subprocess.Popen[bytes]:
        """Start a server as this user in a session of its own, its output going to `log`."""
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._identity(),
                **kwargs,
            )

    def _identity(self) -> dict[str, Any]:
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class ServerProcess:
    """One running server and its children: they share a session, so they can be signalled together."""

    def __init__(self, popen: subprocess.Popen[bytes], log: Path) -> None:
        self.popen = popen
        self._log = log

    @property
    def is_running(self) -> bool:
        """Whether the main process still lives."""
        return self.popen.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_s: float = 15.0) -> None:
        """Return when `is_ready`; raise RuntimeError with the log if the server dies or takes too long."""
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            if not self.is_running:
                raise RuntimeError(f"The server ended at once:\n{self.log()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"The server was not ready after {timeout_s:.0f} s:\n{self.log()}")
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGTERM, *, timeout_s: float = 8.0) -> None:
        """End the server in its own orderly way; whatever is left afterwards is killed."""
        if self.is_running:
            self.popen.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(timeout_s)
        self.signal_all(signal.SIGKILL)
        self.popen.wait()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the server and all its children; nothing happens if they are gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, number)

    def log(self) -> str:
        """Return the last lines the server printed."""
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-40:])


def free_port() -> int:
    """Return a loopback port that nobody uses at this moment, neither for TCP nor for UDP."""
    while True:
        with socket.socket() as probe, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            probe.bind(("127.0.0.1", 0))
            try:
                other.bind(probe.getsockname())
            except OSError:
                continue
            return probe.getsockname()[1]


def answers(port: int, greeting: bytes = b"") -> bool:
    """Whether a server on the loopback port accepts a connection and, if wanted, starts with `greeting`."""
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5) as sock:
            return not greeting or sock.recv(len(greeting)) == greeting
    except OSError:
        return False


def remove_directory(path: Path) -> None:
    """Delete a server's directory, whatever state the server left it in."""
    shutil.rmtree(path, ignore_errors=True)
