"""Runs the long-running services of plugins, each in a thread, and starts them again after a pause when they fail.

Their failures are counted as those of hooks are; there is no time limit, since they run for as long as their plugin does.
"""

import logging
import threading
import time
from dataclasses import dataclass, field

from app.domain.backoff import retry_pause
from app.plugin_api.registrations import Service
from app.services.core import Core

__all__ = ["PluginServices"]

log = logging.getLogger(__name__)


@dataclass
class _Running:
    service: Service
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    failures: int = 0
    not_before: float = 0


class PluginServices:
    """Keeps the running services in step with the active plugins. `look` is called about once a second."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._running: dict[tuple[str, str], _Running] = {}

    def look(self) -> None:
        """Start services of active plugins, stop those of plugins that were switched off."""
        wanted = {(plugin, s.name): s for plugin, services in self._core.plugins.services.items() for s in services}
        for key, running in list(self._running.items()):
            if wanted.get(key) is not running.service:
                running.stop.set()
                del self._running[key]
        for key, service in wanted.items():
            running = self._running.setdefault(key, _Running(service))
            if (running.thread is None or not running.thread.is_alive()) and time.monotonic() >= running.not_before:
                self._start(key, running)

    def stop(self) -> None:
        """Stop all services and wait for them a little."""
        for running in self._running.values():
            running.stop.set()
        for running in self._running.values():
            if running.thread is not None:
                running.thread.join(timeout=5)

    def _start(self, key: tuple[str, str], running: _Running) -> None:
        def run() -> None:
            try:
                running.service.run(running.stop)
                running.failures = 0
            except BaseException as error:  # noqa: BLE001 - plugin code, which may raise anything at all: the worker goes on
                running.failures += 1
                log.error("service %s of plugin %s failed", key[1], key[0], exc_info=error)
                self._count(key, error)
            running.not_before = time.monotonic() + retry_pause(max(running.failures, 1)).total_seconds() / 10

        running.thread = threading.Thread(target=run, name=f"service-{key[0]}-{key[1]}", daemon=True)
        running.thread.start()

    def _count(self, key: tuple[str, str], error: BaseException) -> None:
        """Count a failure against the plugin, so that its page shows it."""
        health = self._core.plugins.health
        health.fail(health.record(key[0], f"service {key[1]}", can_rest=False), error, self._core.clock.now())
