"""An installation in processes of its own, as `tidings run` starts it: the web server and the worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

__all__ = ["Installation", "running"]

_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Installation:
    """One that runs, and the port of its pages."""

    port: int
    process: subprocess.Popen[bytes]

    def must_run(self) -> None:
        """End the bench with a sentence when the installation has ended."""
        if self.process.poll() is not None:
            raise SystemExit(f"The installation ended with {self.process.returncode}.")


@contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[Installation]:
    """`tidings run` on `home` for as long as the block runs. What it says is in `run.log` there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    values = {
        "TIDINGS_HOME": str(home),
        "TIDINGS_PORT": str(port),
        "TIDINGS_LOG_LEVEL": "WARNING",
        "TIDINGS_DNS": "off",
        **environment,
    }
    with (home / "run.log").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "run"],
            env={**os.environ, **values},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        installation = Installation(port, process)
        try:
            _await_answer(installation)
            yield installation
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE_S)


def _await_answer(installation: Installation) -> None:
    limit = time.monotonic() + _PATIENCE_S
    while time.monotonic() < limit:
        installation.must_run()
        try:
            connection = HTTPConnection("127.0.0.1", installation.port, timeout=5)
            connection.request("GET", "/login")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The installation did not answer.")
