"""What every verb gets handed: the session, the clock, the plugins, the files and keys; and how a transaction is written."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Insert, insert
from sqlalchemy.orm import Session, scoped_session

from app.clock import Clock
from app.config import Config
from app.dns import NoResolver, Resolver
from app.domain.lookalikes import Familiar
from app.domain.roles import Permission, may, reaches
from app.errors import NotAllowed
from app.extensions import FLEETING, WRITE
from app.files import FileStore
from app.models import Agent, Change
from app.plugin_host import PluginHost
from app.services.counting import Tally, add_counts
from app.vault import Vault

__all__ = ["SYSTEM", "Actor", "Core", "Unit", "be_ready_to_write", "insert_row", "require", "require_role", "writing"]

_INSERT_CHANGE = insert(Change.__table__)


class Wake(Protocol):
    def __call__(self, task: str, identifier: int, delay_s: float = 0) -> None:
        """Nudge the worker to do a task, perhaps a little later: "process" an event, "complete" one, "deliver" a message, or "look" into
        the journal (identifier 0)."""


@dataclass(frozen=True)
class Core:
    """The installation as services see it. `wake(task, id)` nudges the worker; a lost nudge is found by the sweep. `resolver` asks the
    domain name system, `familiar` remembers whom senders could be mistaken for."""

    session: scoped_session[Session]
    clock: Clock
    plugins: PluginHost
    files: FileStore
    vault: Vault
    config: Config
    wake: Wake
    resolver: Resolver = NoResolver()
    familiar: Familiar = field(default_factory=Familiar)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an agent with a role, or the system itself (`agent_id` None)."""

    agent_id: int | None
    name: str
    role: str

    @classmethod
    def of(cls, agent: Agent) -> "Actor":
        return cls(agent_id=agent.id, name=agent.name or agent.email, role=agent.role)


SYSTEM = Actor(agent_id=None, name="Tidings", role="admin")


def require(actor: Actor, permission: Permission) -> None:
    """Raise `NotAllowed` unless the actor's role has the permission."""
    if not may(actor.role, permission):
        raise _not_allowed(actor)


def require_role(actor: Actor, least: str) -> None:
    """Raise `NotAllowed` unless the actor's role is this one or stands above it."""
    if not reaches(actor.role, least):
        raise _not_allowed(actor)


def _not_allowed(actor: Actor) -> NotAllowed:
    return NotAllowed(f"Your role ({actor.role}) does not permit this. Ask a manager or an admin.")


@dataclass
class Unit:
    """One writing transaction: its session, its moment, and what is to be told once it is committed. `is_heard(hook)`: whether any plugin
    listens. `opened` are the conversations made in it, `edits` what becomes of others (`app.services.conversation_rows`)."""

    session: Session
    connection: Connection
    now: datetime
    is_heard: Callable[[str], bool]
    counts: Tally[str] = field(default_factory=Tally)
    announcements: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    wakes: list[tuple[str, int, float]] = field(default_factory=list)
    endings: list[Callable[[], None]] = field(default_factory=list)
    commitments: list[Callable[[], None]] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)
    edits: dict[tuple[int, bool], Any] = field(default_factory=dict)

    def at_end(self, step: Callable[[], None]) -> None:
        """Take a step once everything else of the transaction is done, before the commit."""
        self.endings.append(step)

    def once_committed(self, step: Callable[[], None]) -> None:
        """Take a step as soon as the transaction is committed, before anybody else is told. It must not fail, nor touch the database."""
        self.commitments.append(step)

    def announce(self, hook: str, **arguments: Any) -> None:
        """Call an announcing hook after the commit."""
        self.announcements.append((hook, arguments))

    def changed(self, topic: str, **data: Any) -> None:
        """Tell open browsers after the commit; equal tellings are told once."""
        row = {"topic": topic, "data": data, "created_at": self.now}
        if row not in self.changes:
            self.changes.append(row)

    def wake(self, task: str, identifier: int, delay_s: float = 0) -> None:
        """Nudge the worker after the commit."""
        self.wakes.append((task, identifier, delay_s))


def insert_row(connection: Connection, statement: Insert, values: Mapping[str, Any]) -> int:
    """Run a prepared INSERT of one row and give the row's id."""
    keys = connection.execute(statement, values).inserted_primary_key
    assert keys is not None
    return keys[0]


def be_ready_to_write(session: Session) -> None:
    """End the transaction that has read. Raises RuntimeError inside of one that writes, and when there are unsaved changes."""
    if session.info.get("is_writing"):
        raise RuntimeError("a transaction is already being written; hooks called inside one must not change anything")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("there are unsaved changes outside a transaction")
    session.rollback()


@contextmanager
def writing(core: Core, *, is_fleeting: bool = False) -> Iterator[Unit]:
    """Run one transaction that writes. It locks from its start on SQLite, commits at the end, and announces after the commit.

    Whatever was read before in this session is read anew inside. Transactions do not nest: public verbs do not call each other.
    `is_fleeting`: what is written may be lost when the machine loses power, and nobody waits for the disk.
    """
    session = core.session()
    be_ready_to_write(session)
    session.info["is_writing"] = True
    try:
        connection = session.connection(execution_options={WRITE: True, FLEETING: is_fleeting})
        unit = Unit(session, connection, core.clock.now(), lambda hook: bool(core.plugins.dispatcher.listeners(hook)))
        yield unit
        for step in unit.endings:
            step()
        session.flush()
        add_counts(unit.connection, unit.counts)
        if unit.changes:
            unit.connection.execute(_INSERT_CHANGE, unit.changes)
        session.commit()
        for step in unit.commitments:
            step()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["is_writing"] = False
    for task, identifier, delay_s in unit.wakes:
        core.wake(task, identifier, delay_s)
    for hook, arguments in unit.announcements:
        core.plugins.dispatcher.announce(hook, **arguments)
    if session.in_transaction():  # a hook has read something: what comes next must not see the past
        session.rollback()
