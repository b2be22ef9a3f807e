"""How many suspicious posts came lately, over all forms together, and whether that is an attack.

An attack begins with `BEGINS_AT` suspicious posts within ten minutes and is over when fewer than `ENDS_BELOW` came, so that it does not
flicker. Nothing is written for ordinary posts; asking is one sum over ten rows at most.
"""

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from plugins.webform.guarding.tables import PRESSURE, minute_of
from tidings import Host

__all__ = ["BEGINS_AT", "ENDS_BELOW", "WINDOW_MIN", "attack_since", "note_suspicious", "recent_suspicious"]

WINDOW_MIN = 10
BEGINS_AT = 30
ENDS_BELOW = 10
_SINCE = "attack:since"


def note_suspicious(host: Host) -> None:
    """Count one more suspicious post in this minute, safe between processes."""
    minute = minute_of(host)
    if not _raised(host, minute):
        try:
            with host.tables.begin(is_fleeting=True) as connection:
                connection.execute(insert(PRESSURE).values(minute=minute, posts=1))
        except IntegrityError:  # another process was the first of this minute
            _raised(host, minute)


def recent_suspicious(host: Host) -> int:
    """Suspicious posts of the last ten minutes."""
    statement = select(func.sum(PRESSURE.c.posts)).where(PRESSURE.c.minute > minute_of(host) - WINDOW_MIN)
    with host.tables.connect() as connection:
        return connection.scalar(statement) or 0


def attack_since(host: Host) -> datetime | None:
    """When the attack began that is still on; None when there is none."""
    count, stored = recent_suspicious(host), host.store.get(_SINCE)
    if stored and count < ENDS_BELOW:
        host.store.delete(_SINCE)
        return None
    if not stored and count >= BEGINS_AT:
        stored = host.now().isoformat()
        host.store.set(_SINCE, stored)
    return datetime.fromisoformat(stored) if stored else None


def _raised(host: Host, minute: int) -> bool:
    statement = update(PRESSURE).where(PRESSURE.c.minute == minute).values(posts=PRESSURE.c.posts + 1)
    with host.tables.begin(is_fleeting=True) as connection:
        return connection.execute(statement).rowcount > 0
