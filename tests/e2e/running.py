"""A running installation for whole walks: `tidings run` as a process of its own, killed and watched from outside."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from app.clock import Clock
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.schema import upgrade
from app.services.core import Core
from app.testing.servers.process import free_port


@dataclass
class Running:
    """One installation in `home`. `environment` are further variables; the port is free and stays the same over restarts."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    arguments: tuple[str, ...] = ("run",)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """Everything the processes have printed so far."""
        path = self.home.parent / "output.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start the supervisor; returns at once."""
        self.home.parent.mkdir(parents=True, exist_ok=True)
        ours = {k: v for k, v in os.environ.items() if not k.startswith("TIDINGS_")}
        settings = {"HOME": str(self.home), "PORT": str(self.port), "UNDO_S": "1", "DNS": "off"}
        with open(self.home.parent / "output.txt", "a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *self.arguments],
                env={**ours, **{f"TIDINGS_{name}": value for name, value in settings.items()}, **self.environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def wait_until_up(self, timeout_s: float = 60) -> float:
        """Wait for the first page; returns the seconds it took."""
        began = time.monotonic()
        while time.monotonic() - began < timeout_s:
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=2):
                    return time.monotonic() - began
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"no page after {timeout_s} s; output:\n{self.output[-4000:]}")

    def stop(self, timeout_s: float = 40) -> int:
        """Ask the supervisor to end and give its exit code; whatever is left of its processes afterwards is killed."""
        if self.process is None:
            return 0
        family = self.family()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=timeout_s)
        finally:
            for left in family:
                if left.is_running():
                    left.kill()

    def family(self) -> list[psutil.Process]:
        """The supervisor and all its descendants that are alive."""
        if self.process is None or self.process.poll() is not None:
            return []
        try:
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    @contextmanager
    def opened(self, *, migrate: bool = False, clock: Clock | None = None, **options: Any) -> Iterator[Core]:
        """The installation's services in the caller's own process, on the same database; its worker is woken by the sweep. `options`
        are further fields of its `Config`."""
        config = {"home": self.home, "port": self.port, "undo_s": 1, "dns": "off", **options}
        app = create_app(Config(**config), clock=clock)
        with app.app_context():
            if migrate:
                upgrade()
                app.extensions["tidings"].plugins.upgrade_shipped()
            app.extensions["tidings"].plugins.start()
            try:
                yield app.extensions["tidings"]
            finally:
                db.session.remove()
                db.engine.dispose()

    def command(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run another `tidings` command on this installation."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            env={**os.environ, "TIDINGS_HOME": str(self.home), "TIDINGS_PORT": str(self.port)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def setup_link(self) -> str:
        """The one-time link for the first admin that `tidings run` printed."""
        line = next(line for line in self.output.splitlines() if "/setup" in line)
        return line[line.index("http") :].strip()


def kill(process: psutil.Process) -> None:
    """SIGKILL; nothing happens when the process has ended meanwhile."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)


def json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]
