"""Everything that the running plugins brought, in one value: a request sees a plugin wholly or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pluggy

from app.plugin_api.channel import Channel
from app.plugin_api.registrations import Job, Service
from app.plugin_host.hooks.validation import new_manager
from app.plugin_host.routes import RouteTable
from app.plugin_host.starting import Running
from forms.settings import SettingsForm

__all__ = ["Brought", "gather", "register"]


@dataclass(frozen=True, slots=True)
class Brought:
    """By plugin name; replaced as a whole whenever a plugin comes or goes."""

    running: Mapping[str, Running] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    services: Mapping[str, tuple[Service, ...]] = field(default_factory=dict)
    jobs: Mapping[str, tuple[Job, ...]] = field(default_factory=dict)
    settings_forms: Mapping[str, type[SettingsForm]] = field(default_factory=dict)
    routes: RouteTable = field(default_factory=lambda: RouteTable({}))


def gather(running: Mapping[str, Running]) -> Brought:
    """What these plugins brought, in the order of their names."""
    running = dict(sorted(running.items()))
    return Brought(
        running=MappingProxyType(running),
        channels=MappingProxyType({name: one.channel for name, one in running.items() if one.channel}),
        services=MappingProxyType({name: one.services for name, one in running.items() if one.services}),
        jobs=MappingProxyType({name: one.jobs for name, one in running.items() if one.jobs}),
        settings_forms=MappingProxyType(
            {name: one.settings_form for name, one in running.items() if one.settings_form}
        ),
        routes=RouteTable.together(one.routes for one in running.values()),
    )


def register(running: Mapping[str, Running]) -> pluggy.PluginManager:
    """A manager that holds these plugins, so that hooks are called by plugin name wherever a plugin was switched on first."""
    manager = new_manager()
    for name in sorted(running, reverse=True):  # pluggy calls the one that was registered last first
        manager.register(running[name].plugin, name)
    return manager
