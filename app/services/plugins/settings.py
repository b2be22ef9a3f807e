"""Plugin-wide settings: the form a plugin declared, what is stored for it, and changing that. Those of accounts are in `accounts`.

`PluginState.settings` holds the plain values, `PluginState.secrets` the others, encrypted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from app.domain.roles import Permission
from app.errors import NotFound
from app.models import PluginState
from app.plugin_host import CheckedSettings
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.pulse import raise_generation
from app.services.plugins.record import plugin_record
from app.services.setting_history import changed_settings, note_setting_changes
from forms.settings import SettingsForm

__all__ = ["PluginSettings", "SettingsCache", "save_plugin_settings", "settings_form", "stored_settings"]


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """What is stored for a plugin: plain values, and the names of the secrets that exist."""

    values: Mapping[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()


def settings_form(core: Core, plugin: str) -> type[SettingsForm]:
    """The form of a running plugin's settings. Raises `NotFound` when it has none."""
    form = core.plugins.settings_forms.get(plugin)
    if form is None:
        raise NotFound(f"{plugin} has no settings, or does not run.")
    return form


def stored_settings(core: Core, plugin: str) -> PluginSettings:
    """What is stored for a plugin, for its settings page; secrets only by name."""
    row = core.session.get(PluginState, plugin)
    if row is None:
        return PluginSettings()
    return PluginSettings(dict(row.settings or {}), frozenset(core.vault.unseal(row.secrets)))


def save_plugin_settings(core: Core, actor: Actor, plugin: str, checked: CheckedSettings) -> None:
    """Store settings that `check_form` found acceptable; secrets that were not given stay as they are. This process sees them at once,
    every other within a second. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    form = settings_form(core, plugin)
    declared, defaults = form.secret_names(), form().data
    with writing(core) as unit:
        row = plugin_record(core, unit, plugin)
        stored, known = dict(row.settings or {}), core.vault.unseal(row.secrets)
        before = {key: stored.get(key, default) for key, default in defaults.items() if key not in declared}
        given = sorted(key for key, value in checked.secrets.items() if known.get(key) != value)
        changed = changed_settings(before, checked.plain)
        if not changed and not given:
            return
        row.settings = dict(checked.plain)
        kept = {key: value for key, value in {**known, **checked.secrets}.items() if key in declared}
        row.secrets = core.vault.seal(kept)
        note_setting_changes(unit, actor, plugin, before, checked.plain, secrets=given)
        audit(unit, actor, "plugin.settings_changed", plugin, settings=changed, secrets=given)
        raise_generation(unit)
    core.plugins.settings_were_saved()


class SettingsCache:
    """The settings of plugins in this process's memory, read anew when they were saved here or the generation has changed."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[object, Mapping[str, Any]]] = {}

    def of(self, core: Core, plugin: str) -> Mapping[str, Any]:
        """The plugin's settings, secrets readable: what was saved, else what its form begins with."""
        form = core.plugins.settings_forms.get(plugin)
        state = (core.plugins.settings_edition, form)
        found = self._kept.get(plugin)
        if found is None or found[0] != state:
            found = self._kept[plugin] = (state, _read(core, plugin, form))
        return found[1]


def _read(core: Core, plugin: str, form: type[SettingsForm] | None) -> Mapping[str, Any]:
    row = core.session.get(PluginState, plugin, populate_existing=True)
    stored = {**(row.settings or {}), **core.vault.unseal(row.secrets)} if row is not None else {}
    if form is not None:
        stored = {key: stored.get(key, default) for key, default in form().data.items()}
    return MappingProxyType(stored)
