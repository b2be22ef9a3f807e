"""Rate limits shared by all processes: uses are counted in fixed windows in the `counter` table."""

import hashlib
import re

from sqlalchemy import delete, select

from app.models import Counter
from app.services.core import Core, Unit, writing
from app.services.counting import upsert
from app.services.together import fleeting

__all__ = ["allow", "allow_within", "forget_old_rates", "is_exhausted", "window_of"]

_LIMIT = re.compile(r"\s*(\d+)\s*(?:per|/)\s*(second|minute|hour|day)\s*\Z")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def allow(core: Core, key: str, limit: str) -> bool:
    """Count one use of `key` against `limit` ("5 per hour"); False when the window's limit was reached before. Raises `ValueError` for a
    limit that cannot be read."""
    _must_be_limit(limit)
    return fleeting.write(core, lambda unit: allow_within(core, unit, key, limit))


def allow_within(core: Core, unit: Unit, key: str, limit: str) -> bool:
    """The same in the caller's transaction: it counts only if that is committed."""
    name, most = window_of(core, key, limit)
    table = Counter.__table__
    statement = upsert(unit.connection)(table).values(name=name, value=1)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": table.c.value + 1})
    return unit.connection.execute(statement.returning(table.c.value)).scalar_one() <= most


def is_exhausted(core: Core, key: str, limit: str) -> bool:
    """Whether the limit is reached, without counting a use."""
    name, most = window_of(core, key, limit)
    return (core.session.scalar(select(Counter.value).where(Counter.name == name)) or 0) >= most


def forget_old_rates(core: Core) -> None:
    """Throw away windows that have ended."""
    now = int(core.clock.now().timestamp())
    with writing(core) as unit:
        unit.connection.execute(
            delete(Counter).where(Counter.name.startswith("rate:"), Counter.name < f"rate:{now:012d}")
        )


def _must_be_limit(limit: str) -> re.Match[str]:
    match = _LIMIT.match(limit)
    if not match:
        raise ValueError(f"not a limit: {limit!r}")
    return match


def window_of(core: Core, key: str, limit: str) -> tuple[str, int]:
    """The name of the counter of a key's present window, and how much it may reach. Raises as `allow` does."""
    match = _must_be_limit(limit)
    length = _SECONDS[match.group(2)]
    end = (int(core.clock.now().timestamp()) // length + 1) * length
    digest = hashlib.sha256(f"{key}\0{limit}".encode()).hexdigest()[:32]
    return f"rate:{end:012d}:{digest}", int(match.group(1))
