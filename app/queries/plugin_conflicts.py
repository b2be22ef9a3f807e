"""What the database knows of plugins in each other's way."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import PluginConflict

__all__ = ["ConflictFacts", "seen_conflicts"]


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """`first` changed `field` of a value that `hook` filters, and `second` changed it again, `times` so far."""

    hook: str
    field: str
    first: str
    second: str
    times: int
    seen_at: datetime


def seen_conflicts(session: Session | scoped_session) -> tuple[ConflictFacts, ...]:
    """Those that happened, the last one first. One query."""
    columns = [getattr(PluginConflict, name) for name in ConflictFacts.__dataclass_fields__]
    rows = session.execute(select(*columns).order_by(PluginConflict.seen_at.desc(), PluginConflict.hook).limit(200))
    return tuple(ConflictFacts(*row) for row in rows)
