"""Switching plugins on and off and looking for new ones, with a line in the audit log."""

from collections.abc import Collection

from app.domain.roles import Permission
from app.plugin_host import PluginInfo, State
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing

__all__ = ["rescan_plugins", "switch_plugin"]


def switch_plugin(
    core: Core, actor: Actor, name: str, is_on: bool, agreed: Collection[str] | None = None
) -> PluginInfo:
    """Activate or deactivate a plugin. `agreed` is what its owner agreed to, as in `Manifest.grants`; None agrees to all it asks for.

    Raises `NotFound`, or `NotAllowed`; one that cannot start says why in its `problem`.
    """
    require(actor, Permission.PLUGINS)
    info = core.plugins.activate(name, agreed) if is_on else core.plugins.deactivate(name)
    action = "plugin.activated" if is_on else "plugin.deactivated"
    if is_on and info.state not in (State.ACTIVE, State.WAITING):
        action = "plugin.not_started"
    with writing(core) as unit:
        audit(unit, actor, action, name, version=info.version, agreed=sorted(agreed or ()))
    return info


def rescan_plugins(core: Core, actor: Actor) -> list[PluginInfo]:
    """Find all plugins anew in every process. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    found = core.plugins.rescan()
    with writing(core) as unit:
        audit(unit, actor, "plugin.rescanned")
    return found
