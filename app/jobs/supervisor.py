"""The supervisor of `tidings run`: prepares the database, starts web and worker, starts again what dies, and ends both cleanly.

It imports nothing of the application, so that it stays small beside its children.
"""

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from app.config import Config
from app.errors import ConfigError
from app.exclusive import must_be_free, take_home
from app.revisions import read_revisions
from app.schema import newest_revision

__all__ = ["is_prepared", "supervise"]

log = logging.getLogger(__name__)

_GRACE_S = 25
_LONGEST_PAUSE_S = 30
_YOUNG_S = 10
_PARTS = ("web", "worker")
_PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
_REFUSED = 2
"""The exit code of a part that has said in a sentence why it cannot start."""


@dataclass
class _Child:
    """One part. `failures`: how often in a row it died young; `start_at`: when it is started again, once it has ended."""

    part: str
    process: subprocess.Popen[bytes]
    started: float
    is_first: bool = True
    failures: int = 0
    start_at: float | None = None


def supervise(config: Config, *, is_safe_mode: bool = False) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code. Raises `ConfigError` when the home folder or the port is taken, or the
    database cannot be prepared."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lock = take_home(config.home)
    must_be_free(config.host, config.port)
    told = _prepare(config)
    if stop.is_set():
        return 0
    options = ["--data", str(config.home), "--parent", str(os.getpid()), *(["--safe-mode"] if is_safe_mode else [])]
    children = {part: _start(part, options, lock) for part in _PARTS}
    threading.Thread(target=_tell_when_up, args=(config, told, stop), daemon=True).start()
    while not stop.wait(0.3):
        for child in list(children.values()):
            if child.process.poll() is None:
                continue
            if child.is_first and child.process.returncode == _REFUSED:
                _end(children)
                return _REFUSED
            children[child.part] = _followed(child, options, lock)
    _end(children)
    return 0


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "app.cli", *arguments]


def _prepare(config: Config) -> dict[str, str | None]:
    """Migrate in a process of its own and learn what is to be told; a glance saves that second when there is nothing to do."""
    if is_prepared(config):
        return {}
    answer = subprocess.run(_command("prepare", "--data", str(config.home)), capture_output=True, text=True)
    if answer.returncode != 0:
        raise ConfigError(answer.stderr.strip().removeprefix("tidings: ") or "The database cannot be prepared.")
    return json.loads(answer.stdout.splitlines()[-1])


def is_prepared(config: Config) -> bool:
    """True when the SQLite file's tables, and those of the plugins that came with Tidings, are the newest and there is an admin. False when
    that cannot be seen without the application."""
    if config.database_url:
        return False
    try:
        address = (config.home / "tidings.sqlite3").resolve().as_uri()
        with closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as connection:
            revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            has_agents = connection.execute("SELECT 1 FROM agent LIMIT 1").fetchone() is not None
            return revisions == [(newest_revision(),)] and has_agents and _are_plugins_prepared(connection, config)
    except sqlite3.Error:
        return False


def _are_plugins_prepared(connection: sqlite3.Connection, config: Config) -> bool:
    """Those may stay behind that do not run: they are switched off, not allowed, or lack a package."""
    is_off = {name for (name,) in connection.execute("SELECT name FROM plugin_state WHERE NOT is_active")}
    is_off.difference_update(config.must_use_plugins)
    for versions in _PLUGINS.glob("*/migrations/versions"):
        plugin = versions.parents[1]
        if plugin.name in is_off or (config.allowed_plugins and plugin.name not in config.allowed_plugins):
            continue
        if not _is_up_to_date(connection, versions, plugin.name) and not _lacks_a_package(plugin):
            return False
    return True


def _is_up_to_date(connection: sqlite3.Connection, versions: Path, plugin: str) -> bool:
    revisions = read_revisions(versions)
    try:
        current = connection.execute(f"SELECT version_num FROM plugin_{plugin}_alembic").fetchall()
    except sqlite3.OperationalError:  # it has no tables yet
        return False
    return revisions is not None and current == [(revisions.newest,)]


def _lacks_a_package(plugin: Path) -> bool:
    """The host makes no tables for such a plugin. Looked at only where tables are behind, for it takes time and memory."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    try:
        wanted = map(Requirement, tomllib.loads((plugin / "manifest.toml").read_text("utf-8")).get("requires", ()))
        here = [one for one in wanted if one.marker is None or one.marker.evaluate()]
        return not all(one.specifier.contains(version(one.name), prereleases=True) for one in here)
    except PackageNotFoundError:
        return True
    except (OSError, ValueError):  # the host says what is wrong with it
        return False


def _start(part: str, options: list[str], lock: int) -> _Child:
    process = subprocess.Popen(_command(part, *options), start_new_session=True, pass_fds=(lock,))
    return _Child(part, process, time.monotonic())


def _followed(child: _Child, options: list[str], lock: int) -> _Child:
    """A part that has ended: started again when its time has come. One that keeps dying within seconds waits longer each time."""
    now = time.monotonic()
    if child.start_at is None:
        lived_s = now - child.started
        child.failures = child.failures + 1 if lived_s < _YOUNG_S else 0
        pause_s = min(0.2 * 2**child.failures, _LONGEST_PAUSE_S) if child.failures else 0
        child.start_at = now + pause_s
        code = child.process.returncode
        log.warning(
            "%s ended with code %s after %.0f s and is started again in %.0f s", child.part, code, lived_s, pause_s
        )
    if now < child.start_at:
        return child
    fresh = _start(child.part, options, lock)
    fresh.is_first, fresh.failures = False, child.failures
    return fresh


def _end(children: dict[str, _Child]) -> None:
    for child in children.values():
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + _GRACE_S
    for child in children.values():
        try:
            child.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in %s s and is killed", child.part, _GRACE_S)
            os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()


def _tell_when_up(config: Config, told: dict[str, str | None], stop: threading.Event) -> None:
    """Print the address once pages are served, and the link for the first admin while there is none."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    here = f"http://{replace(config, host=anywhere.get(config.host, config.host)).listen_address}/healthz"
    for _ in range(300):
        if stop.wait(0.1):
            return
        try:
            with urllib.request.urlopen(here, timeout=2):
                break
        except (urllib.error.URLError, OSError):
            continue
    else:
        log.error("the web part does not answer; see the messages above")
        return
    lines = [f"Tidings is running at {config.address}"]
    if told.get("setup_link"):
        lines.append(f"Create the first admin here (works once): {told['setup_link']}")
    sys.stdout.write("\n  " + "\n  ".join(lines) + "\n\n")
    sys.stdout.flush()
