"""Bringing one plugin to life: import, look at its hooks, let it register what it has. Whatever goes wrong becomes `StartFailed`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from app.clock import Clock
from app.plugin_api.channel import Channel
from app.plugin_api.host import Host
from app.plugin_api.manifest import Manifest
from app.plugin_api.registrations import Job, Route, Service
from app.plugin_host.calls.deadline import Raised, TookTooLong, within
from app.plugin_host.calls.dispatch import Dispatcher
from app.plugin_host.health.book import HealthBook, describe
from app.plugin_host.hooks.adapting import adapt
from app.plugin_host.hooks.shapes import HookSpec
from app.plugin_host.hooks.validation import check_implementations
from app.plugin_host.info import PluginInfo
from app.plugin_host.loading import load, unload
from app.plugin_host.permissions import channel_problem, hook_problem, route_problem
from app.plugin_host.routes import RouteTable
from forms.settings import SettingsForm

__all__ = ["Running", "StartFailed", "import_plugin", "start_plugin"]

T = TypeVar("T")


class StartFailed(Exception):
    """The plugin cannot run; the sentence says why. Its cause is what the plugin raised, if it raised."""


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """A plugin that runs in this process: its module or object, its host, and what it registered. One started again is another one."""

    name: str
    plugin: Any
    host: Host
    channel: Channel | None
    routes: RouteTable
    services: tuple[Service, ...]
    jobs: tuple[Job, ...] = ()
    settings_form: type[SettingsForm] | None = None
    warnings: tuple[str, ...] = ()


def import_plugin(info: PluginInfo, *, limit_s: float = 10.0) -> None:
    """Import a plugin without starting it, under the same limit. Raises `StartFailed`; nothing of the plugin is left in memory then."""
    _in_time(info, limit_s, lambda: load(info))


def start_plugin(
    info: PluginInfo, host: Host, specs: Mapping[str, HookSpec], clock: Clock, *, limit_s: float = 10.0
) -> Running:
    """Import a plugin and call its register hooks, in a thread that is given up after `limit_s` seconds. Raises `StartFailed`; nothing
    of the plugin is left in memory then but what its own code keeps there."""
    return _in_time(info, limit_s, lambda: _start(info, host, specs, clock))


def _in_time(info: PluginInfo, limit_s: float, work: Callable[[], T]) -> T:
    try:
        return within(limit_s, work, f"start {info.name}")
    except TookTooLong as error:
        unload(info)
        raise StartFailed(f"It had not started after {limit_s:g} seconds and was given up.") from error
    except Raised as raised:
        unload(info)
        if isinstance(raised.error, StartFailed):
            raise raised.error from raised.error.__cause__
        raise StartFailed(f"It failed while starting: {describe(raised.error)}") from raised.error


def _start(info: PluginInfo, host: Host, specs: Mapping[str, HookSpec], clock: Clock) -> Running:
    manifest = _manifest(info)
    plugin, warnings = adapt(load(info), specs)
    try:
        manager = check_implementations(info.name, plugin, specs)
    except ValueError as error:
        raise StartFailed(str(error)) from error
    alone = Dispatcher(specs, HealthBook(), clock, raise_errors=True)
    alone.replace(manager, {info.name: host})
    _refuse(hook_problem(manifest, [hook for hook in specs if alone.listeners(hook)]))
    running = Running(
        name=info.name,
        plugin=plugin,
        host=host,
        channel=_the_channel(_registered(alone, "register_channels")),
        routes=_routes(manifest, _registered(alone, "register_routes")),
        services=_registered(alone, "register_services"),
        jobs=_registered(alone, "register_jobs"),
        settings_form=_the_settings(_registered(alone, "register_settings")),
        warnings=warnings,
    )
    _check_registered(manifest, running)
    return running


def _registered(alone: Dispatcher, hook: str) -> tuple[Any, ...]:
    return tuple(item for _, item in alone.collect(hook))


def _routes(manifest: Manifest, routes: tuple[Route, ...]) -> RouteTable:
    for route in routes:
        _refuse(route_problem(manifest, route))
    try:
        return RouteTable({manifest.name: routes})
    except ValueError as error:
        raise StartFailed(str(error)) from error


def _the_channel(channels: tuple[Channel, ...]) -> Channel | None:
    if len(channels) > 1:
        raise StartFailed("It registers more than one channel; each channel needs a plugin of its own.")
    return channels[0] if channels else None


def _the_settings(forms: tuple[type, ...]) -> type[SettingsForm] | None:
    if len(forms) > 1:
        raise StartFailed("It registers more than one settings form; there is one page of settings for a plugin.")
    if forms and not issubclass(forms[0], SettingsForm):
        raise StartFailed(f"Its settings form {forms[0].__name__} is no SettingsForm.")
    return forms[0] if forms else None


def _check_registered(manifest: Manifest, running: Running) -> None:
    if running.channel is not None:
        _refuse(channel_problem(manifest, running.channel))
    names = [job.name for job in running.jobs]
    if len(set(names)) < len(names):
        raise StartFailed("Two of its jobs have the same name.")


def _refuse(problem: str) -> None:
    if problem:
        raise StartFailed(problem)


def _manifest(info: PluginInfo) -> Manifest:
    if info.manifest is None:
        raise StartFailed("It has no manifest.")
    return info.manifest
