"""Switching plugins on and off, with a line in the audit log."""

from app.domain.roles import Permission
from app.plugin_host import PluginInfo
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing

__all__ = ["switch_plugin"]


def switch_plugin(core: Core, actor: Actor, name: str, is_on: bool) -> PluginInfo:
    """Activate or deactivate a plugin. Raises `NotFound`, or `NotAllowed`; one that cannot start says why in its `problem`."""
    require(actor, Permission.PLUGINS)
    info = core.plugins.activate(name) if is_on else core.plugins.deactivate(name)
    with writing(core) as unit:
        audit(unit, actor, "plugin.activated" if is_on else "plugin.deactivated", name)
    return info
