"""`tidings dev`: `tidings run` for authors of plugins. Drop-ins and editable plugins are started again as soon as a file of theirs is
saved; one that is broken is set aside with its traceback in the terminal, and heals with the next save."""

import logging
import os
import threading
import time
import urllib.request
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import click

from app.config import Config, read_config
from app.plugin_host import PluginHost, PluginInfo, State, discover
from app.plugin_host.finding.drop_ins import find_drop_ins, fingerprint_files

__all__ = ["PluginWatch", "dev", "fingerprints"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.3
SETTLE_S = 0.1
"""Editors write a file in several steps; this long nothing must have changed before it is read."""

FOR_AUTHORS = {"TIDINGS_ALLOW_DROP_INS": "1", "TIDINGS_TRACE_HOOKS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
"""What the processes are started with unless the environment says otherwise. Compiled files would be taken for the sources they were made
of when both are written within the same second."""


@click.command()
@click.argument("plugins", nargs=-1)
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
def dev(plugins: tuple[str, ...], data: Path | None) -> None:
    """Run everything, print each call of a hook, and start plugins again when their files change.

    PLUGINS are switched on, and all that they ask for is agreed to.
    """
    from app.jobs.supervisor import supervise

    for name, value in FOR_AUTHORS.items():
        os.environ.setdefault(name, value)
    config = read_config(data)
    known = fingerprints(config.home / "plugins", discover())
    stop = threading.Event()
    threading.Thread(target=_watch, args=(config, plugins, known, stop), name="plugin watch", daemon=True).start()
    try:
        code = supervise(config)
    finally:
        stop.set()
    raise SystemExit(code)


class PluginWatch:
    """Looks for changed files of the plugins that somebody may be working on, and starts those again in every process. Those in
    `wanted` are switched on and get whatever they ask for. `known` is what the files were before any process imported them; without it,
    what they are now."""

    def __init__(
        self,
        plugins: PluginHost,
        folder: Path,
        wanted: Collection[str] = (),
        known: Mapping[Path, str] | None = None,
    ) -> None:
        self._plugins = plugins
        self._folder = folder
        self._wanted = wanted
        self._prints = self._fingerprints() if known is None else dict(known)
        self._switch_on()

    def opening_lines(self) -> Iterator[str]:
        """What is watched, for the beginning."""
        yield f"plugins are read from {self._folder}, and from where `pip install --editable` found them"
        yield from (self._line(info) for info in self._watched())

    def look(self) -> list[str]:
        """Follow what changed since the last look; a line for each plugin that came, changed or went."""
        fresh = self._fingerprints()
        if fresh == self._prints:
            return []
        while (again := self._settled()) != fresh:
            fresh = again
        changed = {path for path in {*fresh, *self._prints} if fresh.get(path) != self._prints.get(path)}
        self._prints = fresh
        began = time.monotonic()
        self._plugins.rescan()
        self._switch_on()
        took = time.monotonic() - began
        lines = [f"{self._line(info)}, in {took:.2f} s" for info in self._watched() if info.path in changed]
        return lines + [f"{path.stem} is gone" for path in sorted(changed) if path not in fresh]

    def _switch_on(self) -> None:
        for info in self._plugins.infos():
            if info.name in self._wanted and info.state in (State.INACTIVE, State.WAITING):
                self._plugins.activate(info.name)

    def _settled(self) -> dict[Path, str]:
        time.sleep(SETTLE_S)
        return self._fingerprints()

    def _fingerprints(self) -> dict[Path, str]:
        return fingerprints(self._folder, self._plugins.infos())

    def _watched(self) -> list[PluginInfo]:
        return [info for info in self._plugins.infos() if info.is_drop_in or info.is_editable]

    def _line(self, info: PluginInfo) -> str:
        if info.state is State.ACTIVE:
            return f"{info.name} {info.version} runs"
        if info.state is State.INACTIVE and not info.problem:
            return f"{info.name} {info.version} is off; `tidings dev {info.name}` switches it on"
        return f"{info.name} {info.version} is {info.state}: {info.problem}"


def fingerprints(folder: Path, infos: Iterable[PluginInfo]) -> dict[Path, str]:
    """Of each plugin that somebody may be working on: the drop-ins of `folder`, and of `infos` those that pip linked."""
    own = [info.path for info in find_drop_ins(folder) if info.path]
    editable = [info.path for info in infos if info.is_editable and info.path]
    return {path: fingerprint_files(path) for path in (*own, *editable)}


def _watch(config: Config, wanted: Collection[str], known: Mapping[Path, str], stop: threading.Event) -> None:
    """Until `stop`, beside the supervisor, and not before its pages are there: it prepares the database first."""
    from app.extensions import db
    from app.factory import create_app

    while not _is_up(config):
        if stop.wait(LOOK_EVERY_S):
            return
    app = create_app(config, with_web=False)
    with app.app_context():
        plugins: PluginHost = app.extensions["tidings"].plugins
        plugins.start()
        watch = PluginWatch(plugins, config.home / "plugins", wanted, known)
        _tell(watch.opening_lines())
        while not stop.wait(LOOK_EVERY_S):
            try:
                plugins.refresh()
                _tell(watch.look())
            except Exception:  # noqa: BLE001 - the watch goes on whatever a look ended with
                log.exception("the plugins could not be looked at")
            db.session.remove()


def _is_up(config: Config) -> bool:
    try:
        with urllib.request.urlopen(f"http://{config.listen_address}/healthz", timeout=2):
            return True
    except OSError:
        return False


def _tell(lines: list[str] | Iterator[str]) -> None:
    for line in lines:
        click.echo(f"dev: {line}")
