"""The plugins of this process: what is known of each, which ones run, and how one is started and stopped. Whether one should run is not
decided here but in `manager`, which also holds the lock for everything that changes something."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from app.clock import Clock
from app.errors import NotFound
from app.plugin_host.backend import Backend
from app.plugin_host.brought import Brought, gather, register
from app.plugin_host.calls.dispatch import Dispatcher
from app.plugin_host.hooks.shapes import HookSpec
from app.plugin_host.host import PluginHostServices
from app.plugin_host.info import PluginInfo, State
from app.plugin_host.loading import unload
from app.plugin_host.starting import Running, import_plugin, start_plugin
from app.plugin_host.wanted import Verdict

__all__ = ["RunningPlugins"]

log = logging.getLogger("tidings.plugins")

BEYOND = "beyond its permissions"
"""Under this name refused requests are counted, beside the hooks of a plugin."""


class RunningPlugins:
    """`edition` grows whenever plugins came or went, for those who keep what was made of their files. `raise_errors` lets what a plugin
    raises at its start through (tests)."""

    def __init__(
        self,
        specs: Mapping[str, HookSpec],
        dispatcher: Dispatcher,
        backend: Backend,
        clock: Clock,
        *,
        raise_errors: bool = False,
    ) -> None:
        self.infos: list[PluginInfo] = []
        self.brought = Brought()
        self.edition = 0
        self._specs = specs
        self._dispatcher = dispatcher
        self._health = dispatcher.health
        self._backend = backend
        self._clock = clock
        self._raise_errors = raise_errors
        self._running: dict[str, Running] = {}

    def info(self, name: str) -> PluginInfo:
        """The plugin of that name. Raises `NotFound`. Where several claim the name, the one that may run, else the first."""
        named = [info for info in self.infos if info.name == name]
        if not named:
            raise NotFound(f"There is no plugin called {name}.")
        return next((info for info in named if info.state is not State.REFUSED), named[0])

    def is_running(self, info: PluginInfo) -> bool:
        return info.name in self._running

    def take(self, found: Iterable[PluginInfo]) -> None:
        """Know these plugins from now on. One that is the same as before keeps its state; one that changed or vanished is stopped."""
        known = {_identity(info): info for info in self.infos}
        fresh = [_kept(known.get(_identity(info)), info) for info in found]
        going = {_identity(info) for info in self.infos} - {_identity(info) for info in fresh}
        refused = {_identity(info) for info in fresh if info.state is State.REFUSED}
        for info in self.infos:
            if _identity(info) in going | refused and info.state not in (State.REFUSED, State.INACTIVE):
                self.forget(info)
        self.infos = fresh

    def load(self, info: PluginInfo) -> None:
        """Import a plugin ahead of its start, so that nothing else has to wait for that. Raises `StartFailed`."""
        import_plugin(info, limit_s=self._health.limits.start_s)

    def start(self, info: PluginInfo) -> None:
        """Start a plugin; its hooks are called after `publish`. Raises `StartFailed`."""
        assert info.manifest is not None
        limits = self._health.limits
        self._health.forget(info.name)
        services = PluginHostServices(info.manifest, self._backend, self._clock, partial(self._note_refusal, info.name))
        started = self._health.timer()
        running = start_plugin(info, services, self._specs, self._clock, limit_s=limits.start_s)
        elapsed = self._health.timer() - started
        if elapsed > limits.slow_start_s:
            log.info("%s took %.1f s to start", info.name, elapsed)
        for warning in running.warnings:
            log.warning("%s: %s", info.name, warning)
        self._running[info.name] = running
        self._note(info, state=State.ACTIVE, problem="", missing_grants=(), warnings=running.warnings, start_s=elapsed)

    def stop(self, info: PluginInfo, verdict: Verdict) -> None:
        """Stop a plugin if it runs, and note why it does not."""
        if self.is_running(info) or info.state is State.QUARANTINED:
            self.forget(info)
        self._note(info, state=verdict.state, problem=verdict.problem, missing_grants=verdict.missing, warnings=())

    def forget(self, info: PluginInfo) -> None:
        """Take a plugin out of memory, whether it runs or was only imported. Those that came with Tidings stay imported: their files
        change only together with ours."""
        running = self._running.pop(info.name, None)
        if running is not None and isinstance(running.host, PluginHostServices):
            running.host.retire()
        if not info.is_shipped:
            unload(info)

    def quarantine(self, info: PluginInfo, problem: str, cause: BaseException | None = None) -> None:
        """Keep a plugin from running because of `problem`, a sentence for its owner."""
        log.error("%s is quarantined: %s", info.name, problem, exc_info=cause)
        self._health.fail_start(info.name, problem, self._clock.now())
        self.stop(info, Verdict(State.QUARANTINED, problem))
        if self._raise_errors and cause is not None:
            raise cause

    def publish(self) -> None:
        """Put in place what the running plugins brought. Nothing happens when they are the same as the last time."""
        if self.brought.running == self._running:
            return
        self._dispatcher.replace(register(self._running), {name: one.host for name, one in self._running.items()})
        self.brought = gather(self._running)
        self.edition += 1

    def _note_refusal(self, plugin: str, sentence: str) -> None:
        """Count against the plugin what it asked for beyond its permissions, whether or not it lets the refusal pass."""
        record = self._health.record(plugin, BEYOND, can_rest=False)
        self._health.fail(record, RuntimeError(sentence), self._clock.now())

    def _note(self, info: PluginInfo, **changes: object) -> None:
        changed = replace(info, **changes)  # type: ignore[arg-type]  # names of its own fields, given a few lines above
        self.infos = [changed if one is info else one for one in self.infos]


def _identity(info: PluginInfo) -> tuple[str, str, str]:
    return info.name, info.entry_point, info.fingerprint


def _kept(known: PluginInfo | None, found: PluginInfo) -> PluginInfo:
    """What was found now, in the state that it was in."""
    if known is None or State.REFUSED in (known.state, found.state):
        return found
    return replace(
        found,
        state=known.state,
        problem=known.problem,
        missing_grants=known.missing_grants,
        warnings=known.warnings,
        start_s=known.start_s,
    )
