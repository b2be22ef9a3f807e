"""The two numbers that every process follows: they tell that plugins or their breakers changed, without saying what."""

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from app.models import Counter
from app.plugin_host import Pulse
from app.services.core import Unit
from app.services.counting import upsert

__all__ = ["raise_generation", "raise_health", "read_pulse"]

_GENERATION = "plugins:generation"
_HEALTH = "plugins:health"


def read_pulse(session: Session | scoped_session[Session]) -> Pulse:
    """Both numbers in one query."""
    statement = select(Counter.name, Counter.value).where(Counter.name.in_((_GENERATION, _HEALTH)))
    values = {name: value for name, value in session.execute(statement)}
    return Pulse(generation=values.get(_GENERATION, 0), health=values.get(_HEALTH, 0))


def raise_generation(unit: Unit) -> None:
    """After the commit every process finds and compares its plugins anew, and asks again whether it is in safe mode."""
    _raise(unit, _GENERATION)
    unit.changed("plugins")


def raise_health(unit: Unit) -> None:
    """After the commit every process reads the shared breakers anew."""
    _raise(unit, _HEALTH)
    unit.changed("plugins")


def _raise(unit: Unit, name: str) -> None:
    statement = upsert(unit.connection)(Counter.__table__).values(name=name, value=1)
    unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.__table__.c.value + 1})
    )
