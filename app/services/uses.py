"""Uses counted against limits where many requests of strangers come, such as posts of forms.

Each process counts for itself and tells the others once a second at most, in one short transaction for all that came meanwhile: a
limit that is watched by several processes may be passed by what the others counted within that second. What must be exact is
counted by `app.services.rates`.
"""

import threading
import time
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select

from app.models import Counter
from app.services.core import Core, writing
from app.services.counting import upsert
from app.services.rates import window_of

__all__ = ["TELLS_EVERY_S", "Uses"]

TELLS_EVERY_S = 1.0

_counter = Counter.__table__
_VALUE = select(_counter.c.value).where(_counter.c.name == bindparam("name"))


@dataclass(slots=True)
class Uses:
    """What one process counted. `stored` is what the table says as far as this process knows, `fresh` what it has not told yet."""

    stored: dict[str, int] = field(default_factory=dict)
    fresh: Tally[str] = field(default_factory=Tally)
    told_at: float = -TELLS_EVERY_S
    is_telling: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def allow(self, core: Core, limits: Mapping[str, str]) -> bool:
        """Count one use of each key ("5 per hour" by key); False when any of them exceeds its limit. Raises `ValueError` for a limit that
        cannot be read."""
        most = dict(window_of(core, key, limit) for key, limit in limits.items())
        known = self._stored(core, most)
        with self.lock:
            self.fresh.update(most.keys())
            for name, value in known.items():
                self.stored.setdefault(name, value)
            before, here = {name: self.stored[name] for name in most}, {name: self.fresh[name] for name in most}
            is_mine = not self.is_telling and time.monotonic() - self.told_at >= TELLS_EVERY_S
            self.is_telling = self.is_telling or is_mine
        if is_mine:
            before = self._tell(core)
        return all(before[name] + here[name] <= limit for name, limit in most.items())

    def _stored(self, core: Core, names: Mapping[str, int]) -> dict[str, int]:
        """What the table says of them. Those that this process knows may be forgotten the next moment, so they are among them."""
        with self.lock:
            known = {name: self.stored[name] for name in names if name in self.stored}
        missing = [name for name in names if name not in known]
        if not missing:
            return known
        connection = core.session.connection()
        found = {name: connection.execute(_VALUE, {"name": name}).scalar() or 0 for name in missing}
        return known | found

    def _tell(self, core: Core) -> dict[str, int]:
        """Add what is fresh to the table; returns what it said before. Windows that nobody used meanwhile are forgotten here; the table
        keeps them."""
        with self.lock:
            told = dict(self.fresh)
        try:
            values = _added(core, told)
            with self.lock:
                self.fresh -= Tally(told)
                self.stored = {name: values.get(name, self.stored[name]) for name in {*told, *self.fresh}}
        finally:
            with self.lock:
                self.is_telling, self.told_at = False, time.monotonic()
        return {name: values[name] - told[name] for name in told}


def _added(core: Core, uses: Mapping[str, int]) -> dict[str, int]:
    """Add uses to the table; what it says then, by name."""
    with writing(core, is_fleeting=True) as unit:
        insertion = upsert(unit.connection)(_counter)
        statement = insertion.on_conflict_do_update(
            index_elements=["name"], set_={"value": _counter.c.value + insertion.excluded.value}
        ).returning(_counter.c.value)
        return {
            name: unit.connection.execute(statement, {"name": name, "value": uses[name]}).scalar_one()
            for name in sorted(uses)
        }
