"""What an owner does about a plugin that failed: let it try again at once."""

from app.domain.roles import Permission
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.health import close_breakers

__all__ = ["try_again"]


def try_again(core: Core, actor: Actor, plugin: str, hook: str) -> None:
    """Call a resting part of a plugin again, in every process. Nothing happens when it does not rest. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    with writing(core) as unit:
        close_breakers(unit, plugin, hook)
        audit(unit, actor, "plugin.breaker_closed", plugin, hook=hook[:80])
