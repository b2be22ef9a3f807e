"""What an owner does about a plugin that failed: let it try again at once, and replay or forget what it missed."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, update

from app.domain.roles import Permission
from app.models import MissedEvent
from app.services.audit import audit
from app.services.core import Actor, Core, require, writing
from app.services.plugins.health import close_breakers

__all__ = ["forget_missed", "replay", "try_again"]


def try_again(core: Core, actor: Actor, plugin: str, hook: str) -> None:
    """Call a resting part of a plugin again, in every process. Nothing happens when it does not rest. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    with writing(core) as unit:
        close_breakers(unit, plugin, hook)
        audit(unit, actor, "plugin.breaker_closed", plugin, hook=hook[:80])


def replay(core: Core, actor: Actor, plugin: str, hook: str | None = None) -> int:
    """Let the worker make the announcements again that a plugin missed (in one hook, or all); gives how many. A resting hook is called
    again at once. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    with writing(core) as unit:
        statement = update(MissedEvent).where(*_missed_by(plugin, hook), MissedEvent.state == "kept")
        count = cast(
            "CursorResult[Any]", unit.session.execute(statement.values(state="due", leased_until=None))
        ).rowcount
        close_breakers(unit, plugin, hook)
        unit.changed("plugins")
        audit(unit, actor, "plugin.missed_replayed", plugin, hook=hook or "", count=count)
    return count


def forget_missed(core: Core, actor: Actor, plugin: str, hook: str | None = None) -> int:
    """Throw away what a plugin missed (in one hook, or all); gives how many. Raises `NotAllowed`."""
    require(actor, Permission.PLUGINS)
    with writing(core) as unit:
        statement = delete(MissedEvent).where(*_missed_by(plugin, hook))
        count = cast("CursorResult[Any]", unit.session.execute(statement)).rowcount
        unit.changed("plugins")
        audit(unit, actor, "plugin.missed_forgotten", plugin, hook=hook or "", count=count)
    return count


def _missed_by(plugin: str, hook: str | None) -> list[ColumnElement[bool]]:
    return [MissedEvent.plugin == plugin, *([MissedEvent.hook == hook] if hook else [])]
