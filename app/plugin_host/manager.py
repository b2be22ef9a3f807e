"""The plugin host of a process: which plugins there are, which of them run, and the verbs that change that.

Plugins come and go while the process runs, and every process follows what one of them decided: see `PluginHost.refresh`. How a plugin is
started and stopped is in `running`, which ones should run in `wanted`.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from app.clock import Clock
from app.errors import AppError, Conflict, NotAllowed
from app.plugin_api.channel import Channel
from app.plugin_api.registrations import Job, Service
from app.plugin_host.backend import Activation, Backend, MigrationFailed
from app.plugin_host.calls.dispatch import Dispatcher
from app.plugin_host.finding.discovery import discover
from app.plugin_host.health.book import HealthBook, HookHealth, Limits
from app.plugin_host.hooks.shapes import read_specs
from app.plugin_host.info import PluginInfo, State
from app.plugin_host.routes import RouteTable
from app.plugin_host.running import RunningPlugins
from app.plugin_host.starting import StartFailed
from app.plugin_host.wanted import Verdict, decide, in_order, lacking
from forms.settings import SettingsForm

__all__ = ["PluginHost", "UpdateFailed"]

REFRESH_S = 0.5
FOLLOW_S = 1.0
"""How long a request waits for another thread that starts and stops plugins; after that it goes on with what there is."""

BEHIND = (
    "Its tables are those of an earlier version. Switch it off and on again, or run `tidings plugin activate`, to bring them"
    " up to date."
)


class UpdateFailed(Conflict):
    """The new version could not take the place of the old one, which is back; the sentence says why."""


class PluginHost:
    """One per process. `is_safe_mode` starts only the plugins that came with Tidings, whatever the backend says; `raise_errors` lets what
    plugins raise through (tests), `is_traced` prints each call. `find` says which plugins there are."""

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        is_safe_mode: bool = False,
        raise_errors: bool = False,
        *,
        limits: Limits | None = None,
        is_traced: bool = False,
        find: Callable[[], Sequence[PluginInfo]] = discover,
    ) -> None:
        self.specs = read_specs()
        self.health = HealthBook(limits or Limits())
        self.dispatcher = Dispatcher(self.specs, self.health, clock, raise_errors=raise_errors, is_traced=is_traced)
        self.is_safe_mode = is_safe_mode
        self._is_always_safe = is_safe_mode
        self._backend = backend
        self._clock = clock
        self._find = find
        self._plugins = RunningPlugins(self.specs, self.dispatcher, backend, clock, raise_errors=raise_errors)
        self._tried: dict[str, object] = {}
        self._generation = -1
        self._settings_saved = 0
        self._refresh_at = 0.0
        self._known_health = -1
        self._lock = threading.RLock()

    # ---- what there is
    @property
    def channels(self) -> Mapping[str, Channel]:
        """The channel of each running plugin that has one, by plugin name."""
        return self._plugins.brought.channels

    @property
    def services(self) -> Mapping[str, tuple[Service, ...]]:
        """The services of each running plugin that has some, by plugin name. Only the worker runs them."""
        return self._plugins.brought.services

    @property
    def routes(self) -> RouteTable:
        """The pages of the running plugins."""
        return self._plugins.brought.routes

    @property
    def jobs(self) -> Mapping[str, tuple[Job, ...]]:
        """The jobs of each running plugin that has some, by plugin name. Only the worker runs them."""
        return self._plugins.brought.jobs

    @property
    def settings_forms(self) -> Mapping[str, type[SettingsForm]]:
        """The form of the plugin-wide settings of each running plugin that has one, by plugin name."""
        return self._plugins.brought.settings_forms

    @property
    def settings_edition(self) -> tuple[int, int]:
        """Changes whenever settings of plugins may have: what was read of them under another edition is stale."""
        return self._generation, self._settings_saved

    def settings_were_saved(self) -> None:
        """Settings of a plugin were committed in this process, which need not wait for the next `refresh` to see them."""
        self._settings_saved += 1

    @property
    def edition(self) -> int:
        """A number that grows whenever plugins came or went in this process; what was made of their files is stale then."""
        return self._plugins.edition

    def infos(self) -> list[PluginInfo]:
        """Every plugin there is, running or not, by name."""
        return list(self._plugins.infos)

    def info(self, name: str) -> PluginInfo:
        """Raises `app.errors.NotFound`. Where several claim the name, the one that may run, else the first."""
        return self._plugins.info(name)

    def health_of(self, name: str) -> list[HookHealth]:
        """Calls, time and failures of a plugin in this process, by hook."""
        return self.health.of_plugin(name)

    # ---- the life of a process
    def start(self) -> None:
        """Find all plugins and start those that should run. Never raises for what a plugin does. No transaction is open afterwards."""
        with self._lock:
            self._generation = self._backend.pulse().generation
            self._follow()
        self._backend.end_reading()
        self.flush_health()

    def upgrade_shipped(self) -> None:
        """Bring the tables of the plugins that came with Tidings up to date, as with those of Tidings itself nobody is asked: of those that
        should run. One that cannot start is set aside with a sentence. For the one process that prepares an installation."""
        with self._changing():
            self._look()
            activations = self._backend.activations()
            for info in in_order(info for info in self.infos() if info.is_shipped and info.state is not State.REFUSED):
                activation = activations.get(info.name)
                if decide(info, activation, self.is_safe_mode).state is State.ACTIVE:
                    self._try_shipped(info, activation)

    def refresh(self) -> None:
        """Follow what other processes decided, and write down failures. Call it before each request and job, outside of a transaction:
        it looks at the database at most every half second."""
        now = self.health.timer()
        if now < self._refresh_at:
            return
        self._refresh_at = now + REFRESH_S
        pulse = self._backend.pulse()
        if pulse.generation != self._generation and self._lock.acquire(timeout=FOLLOW_S):
            try:
                if pulse.generation != self._generation:  # another thread may have followed meanwhile
                    self._generation = pulse.generation
                    self._follow()
            finally:
                self._lock.release()
        if pulse.health != self._known_health:
            self._known_health = pulse.health
            self.dispatcher.follow(self._backend.shared_health())
        if self.health.is_due:
            self.flush_health()

    def flush_health(self) -> None:
        """Write down what happened to plugins in this process since the last time. Call it outside of a transaction, also at the end."""
        self.health.flush(self._backend.record_health, self._clock.now())

    # ---- verbs
    def activate(self, name: str, agreed: Collection[str] | None = None) -> PluginInfo:
        """Switch a plugin on, here at once and elsewhere at the next refresh. One that cannot start stays off; its `problem` says why.

        `agreed` is what its owner agreed to, as in `Manifest.grants`; None agrees to everything it asks for. Where that is not enough it
        is switched on but waits. Raises `NotFound`, or `NotAllowed` in safe mode for plugins that did not come with Tidings.
        """
        with self._changing():
            self._look()
            info = self.info(name)
            if self.is_safe_mode and not info.is_shipped:
                raise NotAllowed("In safe mode only the plugins that came with Tidings can be switched on.")
            if info.state is State.REFUSED or info.manifest is None:
                return info
            granted = [one for one in info.manifest.grants if agreed is None or one in agreed]
            verdict = decide(info, Activation(True, frozenset(granted)), self.is_safe_mode)
            if verdict.state is State.ACTIVE and not self._plugins.is_running(info):
                try:
                    self._try(info)
                except (StartFailed, MigrationFailed) as failure:
                    self._tried[name] = _trial(info, self._backend.activations().get(name))
                    self._plugins.quarantine(self.info(name), str(failure), failure.__cause__)
                    return self.info(name)
            self._backend.set_active(name, True, info.version, granted)
        return self.info(name)

    def deactivate(self, name: str) -> PluginInfo:
        """Switch a plugin off, here at once and elsewhere at the next refresh. What was agreed to is kept for the next time. Raises
        `NotFound`, or `NotAllowed` for one that must be used."""
        with self._changing():
            info = self.info(name)
            _must_be_optional(info)
            self._tried.pop(name, None)
            before = self._backend.activations().get(name)
            self._backend.set_active(name, False, info.version, sorted(before.granted) if before else ())
        return self.info(name)

    def rescan(self) -> list[PluginInfo]:
        """Find all plugins anew, here at once and elsewhere at the next refresh; those whose files changed are started again."""
        with self._changing():
            self._look()
            self._backend.raise_generation()
        return self.infos()

    def update(
        self,
        name: str,
        swap: Callable[[], None],
        swap_back: Callable[[], None],
        agreed: Collection[str] | None = (),
    ) -> PluginInfo:
        """Replace the files of a plugin by a new version's. The old one is stopped, `swap` puts the new files in place, and one that was
        switched on is started again, with its tables brought up to date. Where it asks for more than was agreed to before and in `agreed`
        (None: agreed to all), it waits.

        Raises `UpdateFailed` when the new version cannot be used; `swap_back`, which must bear that nothing was swapped, has restored the
        files by then, the tables are as they were, and the old version runs again. A name that is new is only found, not switched on.
        """
        with self._changing():
            before = self._backend.activations().get(name)
            for info in self._drop_ins(name):
                self._plugins.stop(info, Verdict(State.INACTIVE))
            self._plugins.publish()
            try:
                swap()
                activation = self._try_update(name, before, agreed)
            except BaseException as failure:
                self._tried.pop(name, None)
                swap_back()
                self._look()
                if isinstance(failure, (StartFailed, MigrationFailed, AppError, OSError)):
                    raise UpdateFailed(str(failure)) from failure
                raise
            if activation is None:
                self._backend.raise_generation()
            else:
                version = self.info(name).version
                self._backend.set_active(name, activation.is_active, version, sorted(activation.granted))
        return self.info(name)

    def remove(self, name: str, delete_files: Callable[[], None]) -> None:
        """Stop a plugin, let `delete_files` take its files away, and forget it, here at once and elsewhere at the next refresh. What it
        kept in the database is not touched. Raises `NotFound`, or `NotAllowed` for one whose files are not ours to delete."""
        with self._changing():
            info = self.info(name)
            _must_be_optional(info)
            if not info.is_drop_in:
                raise NotAllowed(f"{name} was not put into the plugins folder; remove it as it was installed.")
            self._plugins.stop(info, Verdict(State.INACTIVE))
            self._plugins.publish()
            delete_files()
            self._look()
            self._backend.raise_generation()

    # ---- coming and going; the lock is held
    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock, and make everything as it should be at the end, whether or not the verb succeeded."""
        try:
            with self._lock:
                try:
                    yield
                finally:
                    self._settle()
                    self._own_generation()
        finally:
            self.flush_health()

    def _own_generation(self) -> None:
        """Our own change need not be followed; when others changed something too, it must."""
        generation = self._backend.pulse().generation
        if generation == self._generation + 1:
            self._generation = generation

    def _follow(self) -> None:
        self._look()
        self._settle()

    def _look(self) -> None:
        self._plugins.take(self._find())

    def _settle(self) -> None:
        """Stop what should not run, then start what should, each after those it needs."""
        activations = self._backend.activations()
        self.is_safe_mode = self._is_always_safe or self._backend.is_safe_mode()
        wanted = set()
        for info in self.infos():
            verdict = decide(info, activations.get(info.name), self.is_safe_mode)
            if verdict.state is State.ACTIVE:
                wanted.add(info.name)
            elif verdict.state is not State.REFUSED and not self._was_tried(info, activations.get(info.name)):
                self._plugins.stop(info, verdict)
        self._plugins.publish()
        for info in in_order(info for info in self.infos() if info.state is not State.REFUSED):
            if info.name in wanted:
                self._bring(info, activations.get(info.name))
        self._plugins.publish()

    def _bring(self, info: PluginInfo, activation: Activation | None) -> None:
        """Start a plugin unless it runs, or failed to start as it is now: that it does again only when somebody decides so."""
        blocked = lacking(info, self._running_names())
        if blocked:
            self._block(info, blocked)
        elif self._plugins.is_running(info) or self._was_tried(info, activation):
            return
        else:
            try:
                if self._backend.is_behind(info):
                    self._block(info, BEHIND)
                else:
                    self._plugins.start(info)
            except MigrationFailed as failure:
                self._block(info, str(failure))
            except StartFailed as failure:
                self._tried[info.name] = _trial(info, activation)
                self._plugins.quarantine(info, str(failure), failure.__cause__)

    def _was_tried(self, info: PluginInfo, activation: Activation | None) -> bool:
        """Whether it failed to start, and nothing changed since: neither its files nor what was decided about it."""
        return info.state is State.QUARANTINED and self._tried.get(info.name) == _trial(info, activation)

    def _block(self, info: PluginInfo, problem: str) -> None:
        if (info.state, info.problem) != (State.QUARANTINED, problem):
            self._plugins.quarantine(info, problem)

    def _running_names(self) -> set[str]:
        return {info.name for info in self.infos() if self._plugins.is_running(info)}

    def _try(self, info: PluginInfo) -> None:
        """Bring the tables up to date and start the plugin, both or neither. Raises `StartFailed` or `MigrationFailed`."""
        blocked = lacking(info, self._running_names())
        if blocked:
            raise StartFailed(blocked)
        try:
            self._plugins.load(info)
            with self._backend.migrating(info):
                self._plugins.start(info)
        except BaseException:
            self._plugins.forget(info)
            self._plugins.stop(self.info(info.name), Verdict(State.INACTIVE))
            raise

    def _try_shipped(self, info: PluginInfo, activation: Activation | None) -> None:
        try:
            if self._backend.is_behind(info):
                self._try(info)
        except (StartFailed, MigrationFailed) as failure:
            self._tried[info.name] = _trial(info, activation)
            self._plugins.quarantine(self.info(info.name), str(failure), failure.__cause__)

    def _drop_ins(self, name: str) -> list[PluginInfo]:
        """The plugin of that name whose files stand in the plugins folder, or a folder and a file that both claim the name."""
        return [info for info in self.infos() if info.name == name and info.is_drop_in]

    def _try_update(self, name: str, before: Activation | None, agreed: Collection[str] | None) -> Activation | None:
        """Start the new version if the old one was switched on. What is decided about it from now on, None when nothing ever was."""
        self._look()
        info = next(iter(self._drop_ins(name)), None)
        if info is None or info.manifest is None or info.state is State.REFUSED:
            raise UpdateFailed(info.problem if info else "Its files are not in the plugins folder.")
        asked = frozenset(info.manifest.grants)
        more = asked if agreed is None else asked.intersection(agreed)
        after = before and Activation(before.is_active, asked & (before.granted | more))
        if decide(info, after, self.is_safe_mode).state is State.ACTIVE:
            self._try(info)
        return after


def _trial(info: PluginInfo, activation: Activation | None) -> object:
    """What a start is tried with: the files, and who decided when that it should run."""
    return info.fingerprint, activation if activation and activation.is_active else None


def _must_be_optional(info: PluginInfo) -> None:
    if info.is_must_use:
        raise NotAllowed(f"{info.name} is always on here: TIDINGS_MUST_USE_PLUGINS names it.")
