"""Where agents can be rung: their own telephones, whether they are available, and whose turn it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from plugins.voip.tables import AGENT, LEG
from tidings import Host, TableConnection

__all__ = [
    "Leg",
    "Telephone",
    "add_leg",
    "change_leg",
    "find_leg",
    "free_telephones",
    "legs_of",
    "save",
    "telephone_of",
    "telephones",
]

WISHED, RINGING, ANSWERED, OVER = "wished", "ringing", "answered", "over"
LONGEST_LEG = timedelta(hours=6)
"""A leg whose end was never told counts as over after this."""


@dataclass(frozen=True, slots=True)
class Telephone:
    """An agent's own telephone (E.164, "" when they named none)."""

    agent_id: int
    name: str
    number: str
    is_available: bool
    changed_at: datetime
    rung_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A telephone of ours that was rung for a call; `call` is the row of the call."""

    call: int
    leg_id: str
    agent_id: int
    state: str


def telephones(connection: TableConnection) -> list[Telephone]:
    """All agents who ever named a telephone, by name."""
    rows = connection.execute(select(AGENT).order_by(AGENT.c.name, AGENT.c.agent_id))
    return [Telephone(r.agent_id, r.name, r.number, r.is_available, r.changed_at, r.rung_at) for r in rows]


def telephone_of(connection: TableConnection, agent_id: int) -> Telephone | None:
    """One agent's telephone, or None."""
    return next((one for one in telephones(connection) if one.agent_id == agent_id), None)


def save(
    host: Host, agent_id: int, name: str, *, number: str | None = None, is_available: bool | None = None
) -> Telephone:
    """Change an agent's telephone; what is None stays."""
    now = host.now()
    with host.tables.begin() as connection:
        known = telephone_of(connection, agent_id) or Telephone(agent_id, name, "", False, now)
        number = known.number if number is None else number
        available = (known.is_available if is_available is None else is_available) and bool(number)
        fresh = Telephone(agent_id, name, number, available, now, known.rung_at)
        connection.execute(delete(AGENT).where(AGENT.c.agent_id == agent_id))
        connection.execute(insert(AGENT).values({field: getattr(fresh, field) for field in Telephone.__slots__}))
    return fresh


def free_telephones(host: Host, now: datetime) -> list[Telephone]:
    """Who can be rung now: available, still an agent, in no call. Who was rung longest ago comes first."""
    known = {agent.id for agent in host.agents()}
    with host.tables.connect() as connection:
        busy = set(
            connection.scalars(select(LEG.c.agent_id).where(LEG.c.state != OVER, LEG.c.began_at > now - LONGEST_LEG))
        )
        found = [one for one in telephones(connection) if one.is_available and one.agent_id in known - busy]
    return sorted(found, key=lambda one: (one.rung_at is not None, one.rung_at or now, one.agent_id))


def is_anybody_there(host: Host) -> bool:
    """Whether an agent is available, in a call or not."""
    known = {agent.id for agent in host.agents()}
    with host.tables.connect() as connection:
        return any(one.is_available and one.agent_id in known for one in telephones(connection))


def add_leg(host: Host, account_id: int, call: int, leg_id: str, agent_id: int, *, state: str = RINGING) -> None:
    """An agent's telephone rings for a call from now on, or soon (WISHED)."""
    now = host.now()
    with host.tables.begin() as connection:
        values = {"account_id": account_id, "call": call, "leg_id": leg_id, "agent_id": agent_id}
        connection.execute(insert(LEG).values(state=state, began_at=now, **values))
        connection.execute(update(AGENT).where(AGENT.c.agent_id == agent_id).values(rung_at=now))


def change_leg(host: Host, leg_id: str, state: str) -> None:
    """A leg was answered or is over; what is over stays over."""
    with host.tables.begin() as connection:
        connection.execute(update(LEG).where(LEG.c.leg_id == leg_id, LEG.c.state != OVER).values(state=state))


def find_leg(connection: TableConnection, account_id: int, leg_id: str) -> Leg | None:
    """The leg with this id of the provider's, or None."""
    row = connection.execute(select(LEG).where(LEG.c.account_id == account_id, LEG.c.leg_id == leg_id)).first()
    return None if row is None else Leg(row.call, row.leg_id, row.agent_id, row.state)


def legs_of(connection: TableConnection, call: int) -> list[Leg]:
    """The legs of a call, the first one first."""
    rows = connection.execute(select(LEG).where(LEG.c.call == call).order_by(LEG.c.id))
    return [Leg(row.call, row.leg_id, row.agent_id, row.state) for row in rows]


def forget_old_legs(host: Host) -> None:
    """Legs are of no use once their calls are long over."""
    with host.tables.begin() as connection:
        connection.execute(delete(LEG).where(LEG.c.began_at < host.now() - timedelta(days=2)))
