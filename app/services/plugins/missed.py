"""The worker's side of announcements that plugins missed: taking up those whose replay was asked for, and noting how it went.

An announcement is taken up by one worker at a time, and those of a plugin in the order in which they were missed. When a worker dies after
the plugin has taken one and before that is noted, the plugin gets it again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from app.domain.text import clean_line
from app.models import MissedEvent
from app.plugin_host.health.report import Key
from app.services.core import Core, writing

__all__ = ["DueEvent", "claim_missed", "due_hooks", "keep_missed", "release_missed", "took_missed"]

LEASE = timedelta(minutes=10)
AT_ONCE = 10
"""So few that all of them end within the lease, even when each takes as long as it may."""


@dataclass(frozen=True, slots=True)
class DueEvent:
    """An announcement to be made again; `arguments` as they were kept (`app.plugin_host.health.payloads`)."""

    id: int
    plugin: str
    hook: str
    arguments: Mapping[str, Any]
    payload_version: int


def due_hooks(core: Core) -> set[Key]:
    """The plugins, and their hooks, for which a replay was asked."""
    statement = select(MissedEvent.plugin, MissedEvent.hook).where(MissedEvent.state == "due").distinct()
    found = {(plugin, hook) for plugin, hook in core.session.execute(statement)}
    core.session.rollback()
    return found


def claim_missed(core: Core, hooks: Collection[Key]) -> list[DueEvent]:
    """Take up the oldest due announcements of these hooks; none of a plugin of which another worker has some in hand."""
    other = aliased(MissedEvent)
    with writing(core) as unit:
        is_taken = exists().where(other.plugin == MissedEvent.plugin, other.leased_until > unit.now)
        ids = (
            select(MissedEvent.id)
            .where(MissedEvent.state == "due", tuple_(MissedEvent.plugin, MissedEvent.hook).in_(list(hooks)), ~is_taken)
            .order_by(MissedEvent.id)
            .limit(AT_ONCE)
        )
        is_free = or_(MissedEvent.leased_until.is_(None), MissedEvent.leased_until <= unit.now)
        claimed = unit.session.scalars(
            update(MissedEvent)
            .where(MissedEvent.id.in_(ids.scalar_subquery()), and_(MissedEvent.state == "due", is_free))
            .values(leased_until=unit.now + LEASE)
            .returning(MissedEvent)
        ).all()
        found = [DueEvent(one.id, one.plugin, one.hook, one.arguments, one.payload_version) for one in claimed]
    return sorted(found, key=lambda one: one.id)


def took_missed(core: Core, event: DueEvent) -> None:
    """The plugin has it now."""
    with writing(core) as unit:
        unit.session.execute(delete(MissedEvent).where(MissedEvent.id == event.id))
        unit.changed("plugins")


def keep_missed(core: Core, event: DueEvent, reason: str) -> None:
    """The plugin failed on it again: it is kept until somebody asks again."""
    with writing(core) as unit:
        changes = {"state": "kept", "attempts": MissedEvent.attempts + 1, "reason": clean_line(reason, 1000)}
        statement = update(MissedEvent).where(MissedEvent.id == event.id)
        unit.session.execute(statement.values(leased_until=None, **changes))
        unit.changed("plugins")


def release_missed(core: Core, events: Iterable[DueEvent]) -> None:
    """Put announcements back that could not be made now; they stay due."""
    ids = [event.id for event in events]
    if ids:
        with writing(core) as unit:
            unit.session.execute(update(MissedEvent).where(MissedEvent.id.in_(ids)).values(leased_until=None))
