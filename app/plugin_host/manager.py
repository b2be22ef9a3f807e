"""The plugin host: which plugins there are, which run in this process, and what they brought.

Plugins come and go while the process runs. Everything that belongs to the running ones is made anew and put in place at once, so
that a request sees a plugin wholly or not at all.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from app.clock import Clock
from app.errors import NotAllowed, NotFound
from app.plugin_api.channel import Channel
from app.plugin_api.registrations import Service
from app.plugin_host.backend import Activation, Backend
from app.plugin_host.discovery import discover
from app.plugin_host.dispatch import Dispatcher
from app.plugin_host.health import HealthBook, HookHealth, Limits
from app.plugin_host.host import PluginHostServices
from app.plugin_host.info import PluginInfo, State
from app.plugin_host.routes import RouteTable
from app.plugin_host.shapes import read_specs
from app.plugin_host.starting import Running, StartFailed, start_plugin, unload
from app.plugin_host.validation import new_manager

__all__ = ["PluginHost"]

log = logging.getLogger("tidings.plugins")

REFRESH_S = 0.5
FLUSH_S = 10.0


@dataclass(frozen=True, slots=True)
class _Brought:
    """What the running plugins brought, in one value that is replaced as a whole."""

    running: Mapping[str, Running] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    services: Mapping[str, tuple[Service, ...]] = field(default_factory=dict)
    routes: RouteTable = field(default_factory=lambda: RouteTable({}))
    edition: int = 0


class PluginHost:
    """One per process. `is_safe_mode` starts only the plugins that came with Tidings; `raise_errors` lets what plugins raise through
    (tests). `find` says which plugins there are."""

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        is_safe_mode: bool = False,
        raise_errors: bool = False,
        *,
        limits: Limits | None = None,
        find: Callable[[], Sequence[PluginInfo]] = discover,
    ) -> None:
        self.specs = read_specs()
        self.health = HealthBook(limits or Limits())
        self.dispatcher = Dispatcher(self.specs, self.health, clock, raise_errors=raise_errors)
        self.is_safe_mode = is_safe_mode
        self._backend = backend
        self._clock = clock
        self._raise_errors = raise_errors
        self._find = find
        self._infos: list[PluginInfo] = []
        self._brought = _Brought()
        self._generation = -1
        self._refresh_at = 0.0
        self._flush_at = 0.0
        self._lock = threading.RLock()

    # ---- what there is
    @property
    def channels(self) -> Mapping[str, Channel]:
        """The channel of each running plugin that has one, by plugin name."""
        return self._brought.channels

    @property
    def services(self) -> Mapping[str, tuple[Service, ...]]:
        """The services of each running plugin that has some, by plugin name. Only the worker runs them."""
        return self._brought.services

    @property
    def routes(self) -> RouteTable:
        """The pages of the running plugins."""
        return self._brought.routes

    @property
    def edition(self) -> int:
        """A number that grows in this process whenever plugins came, went or were replaced: what was made of theirs is out of date."""
        return self._brought.edition

    def infos(self) -> list[PluginInfo]:
        """Every plugin there is, running or not, by name."""
        return list(self._infos)

    def info(self, name: str) -> PluginInfo:
        """One plugin. Raises `app.errors.NotFound`. Where several claim the name, the one that may run, else the first."""
        named = [info for info in self._infos if info.name == name]
        if not named:
            raise NotFound(f"There is no plugin called {name}.")
        return next((info for info in named if info.state is not State.REFUSED), named[0])

    def health_of(self, name: str) -> list[HookHealth]:
        """Calls, time and failures of a plugin in this process, by hook."""
        return self.health.of_plugin(name)

    # ---- the life of a process
    def start(self) -> None:
        """Find all plugins and start those that are switched on. Never raises for what a plugin does."""
        with self._lock:
            self._infos = list(self._find())
            self._generation = self._backend.pulse().generation
            self._follow(self._backend.activations())
        self.flush_failures()

    def refresh(self) -> None:
        """Follow what other processes switched on or off, and write down failures. Call it before each request and job, outside of
        a transaction: it looks at the database at most every half second."""
        now = self.health.timer()
        if now < self._refresh_at:
            return
        self._refresh_at = now + REFRESH_S
        generation = self._backend.pulse().generation
        if generation != self._generation:
            with self._lock:
                if generation != self._generation:  # another thread may have followed meanwhile
                    self._generation = generation
                    self._follow(self._backend.activations())
        if self.health.has_pending and now >= self._flush_at:
            self._flush_at = now + FLUSH_S
            self.flush_failures()

    def flush_failures(self) -> None:
        """Write down the failures since the last time, for the plugins page. Call it outside of a transaction, also at the end."""
        pending = self.health.take_pending()
        while pending:
            plugin, failures = pending.popitem()
            try:
                self._backend.record_failures(plugin, failures.count, failures.last_error, failures.failed_at)
            except BaseException:
                self.health.give_back({plugin: failures, **pending})
                raise

    def activate(self, name: str, agreed: Collection[str] | None = None) -> PluginInfo:
        """Switch a plugin on, here at once and elsewhere at the next refresh. One that cannot start stays off; its `problem` says why.

        `agreed` is what its owner agreed to, as in `Manifest.grants`; None agrees to everything it asks for.
        Raises `NotFound`, or `NotAllowed` in safe mode for plugins that did not come with Tidings.
        """
        with self._lock:
            info = self.info(name)
            if self.is_safe_mode and not info.is_shipped:
                raise NotAllowed("In safe mode only the plugins that came with Tidings can be switched on.")
            if info.state in (State.INACTIVE, State.QUARANTINED):
                info = self._start_one(info)
                self._publish()
            if info.state is State.ACTIVE and info.manifest is not None:
                granted = [one for one in info.manifest.grants if agreed is None or one in agreed]
                self._backend.set_active(name, True, info.manifest.version, granted)
                self._generation = self._backend.pulse().generation
        self.flush_failures()
        return info

    def deactivate(self, name: str) -> PluginInfo:
        """Switch a plugin off, here at once and elsewhere at the next refresh. Raises `NotFound`."""
        with self._lock:
            info = self.info(name)
            self._stop_one(info)
            self._publish()
            version = info.manifest.version if info.manifest else ""
            self._backend.set_active(name, False, version, ())
            self._generation = self._backend.pulse().generation
            return self.info(name)

    # ---- coming and going; the lock is held
    def _follow(self, activations: Mapping[str, Activation]) -> None:
        for info in list(self._infos):
            is_wanted = self._is_wanted(info, activations)
            if is_wanted and info.state in (State.INACTIVE, State.QUARANTINED):
                self._start_one(info)
            elif not is_wanted and info.state in (State.ACTIVE, State.QUARANTINED):
                self._stop_one(info)
        self._publish()

    def _is_wanted(self, info: PluginInfo, activations: Mapping[str, Activation]) -> bool:
        if info.state is State.REFUSED or (self.is_safe_mode and not info.is_shipped):
            return False
        activation = activations.get(info.name)
        return activation.is_active if activation else info.is_shipped

    def _start_one(self, info: PluginInfo) -> PluginInfo:
        assert info.manifest is not None
        self.health.forget(info.name)
        services = PluginHostServices(info.manifest, self._backend, self._clock)
        started = self.health.timer()
        try:
            running = start_plugin(info, services, self.specs, self._clock)
        except StartFailed as failure:
            return self._quarantine(info, failure)
        elapsed = self.health.timer() - started
        if elapsed > self.health.limits.slow_start_s:
            log.warning("%s took %.1f s to start", info.name, elapsed)
        self._brought = replace(self._brought, running={**self._brought.running, info.name: running})
        return self._note(info, state=State.ACTIVE, problem="", start_s=elapsed)

    def _quarantine(self, info: PluginInfo, failure: StartFailed) -> PluginInfo:
        log.error("%s is quarantined: %s", info.name, failure, exc_info=failure.__cause__)
        unload(info)
        self.health.fail_start(info.name, str(failure), self._clock.now())
        info = self._note(info, state=State.QUARANTINED, problem=str(failure))
        if self._raise_errors:
            raise failure.__cause__ or failure
        return info

    def _stop_one(self, info: PluginInfo) -> None:
        running = {name: one for name, one in self._brought.running.items() if name != info.name}
        self._brought = replace(self._brought, running=running)
        if info.state is not State.REFUSED:
            self._note(info, state=State.INACTIVE, problem="")

    def _note(self, info: PluginInfo, *, state: State, problem: str, start_s: float = 0.0) -> PluginInfo:
        changed = replace(info, state=state, problem=problem, start_s=start_s)
        self._infos = [changed if one is info else one for one in self._infos]
        return changed

    def _publish(self) -> None:
        """Put in place what the running plugins brought. Hooks are called by plugin name wherever a plugin was switched on first."""
        running = dict(sorted(self._brought.running.items()))
        manager = new_manager()
        for name in reversed(running):  # pluggy calls the one that was registered last first
            manager.register(running[name].plugin, name)
        self._brought = _Brought(
            running=MappingProxyType(running),
            channels=MappingProxyType({name: one.channel for name, one in running.items() if one.channel}),
            services=MappingProxyType({name: one.services for name, one in running.items() if one.services}),
            routes=RouteTable({name: one.routes for name, one in running.items()}),
            edition=self._brought.edition + 1,
        )
        self.dispatcher.replace(manager, {name: one.host for name, one in running.items()})
