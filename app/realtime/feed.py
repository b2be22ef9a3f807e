"""Following the `change` table for the listeners of this process. The thread runs only while somebody listens.

On PostgreSQL ids can become visible out of order, because transactions commit in another order than they took them: the newest ids
are looked at again each time and those that were seen are remembered.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, Row, select
from sqlalchemy.exc import SQLAlchemyError

from app.models import Change
from app.realtime.topics import topics_of

__all__ = ["RESET", "Event", "Feed", "Listener", "TooManyStreams"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.3
LOOK_BACK = 1000
"""How many ids others may have taken between a transaction's taking one and its commit."""
QUEUE_LENGTH = 200
READ_AT_ONCE = 500


_ENTRIES = select(Change.id, Change.topic, Change.data).order_by(Change.id)


class TooManyStreams(Exception):
    """All places for listeners are taken."""


@dataclass(frozen=True, slots=True)
class Event:
    """Entries of the feed in one telling: the id of the newest and all their topics, each once."""

    id: int
    topics: tuple[str, ...]


RESET = Event(0, ())
"""Told instead of events when some were missed: everything on the page is to be fetched again."""


@dataclass(eq=False)
class Listener:
    """One open stream. `is_late` once its queue ran over."""

    events: queue.Queue[Event] = field(default_factory=lambda: queue.Queue(QUEUE_LENGTH))
    is_late: bool = False

    def wait(self, timeout_s: float) -> Event | None:
        """The next event, `RESET` when some were missed, or None when the time is over."""
        if self.is_late:
            self.is_late = False
            with self.events.mutex:
                self.events.queue.clear()
            return RESET
        try:
            return self.events.get(timeout=timeout_s)
        except queue.Empty:
            return None


class Feed:
    """The changes of the installation for the listeners of this process."""

    def __init__(self, engine: Engine, most_listeners: int) -> None:
        self._engine = engine
        self._most = most_listeners
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._last = 0
        self._seen: set[int] = set()

    @property
    def listener_count(self) -> int:
        return len(self._listeners)

    def listen(self) -> Listener:
        """Begin to listen. Raises `TooManyStreams`. Whoever listens must call `leave`."""
        listener = Listener()
        with self._lock:
            if len(self._listeners) >= self._most:
                raise TooManyStreams
            self._listeners.add(listener)
            if self._thread is None or not self._thread.is_alive():
                self._begin()
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening; the thread ends by itself after the last one left."""
        with self._lock:
            self._listeners.discard(listener)

    def since(self, last_id: int) -> Iterator[Event]:
        """What happened after an id, for a page that was made or a stream that broke a while ago; `RESET` when that is forgotten."""
        with self._engine.connect() as connection:
            oldest = connection.scalar(select(Change.id).order_by(Change.id).limit(1))
            statement = select(Change.id, Change.topic, Change.data).where(Change.id > last_id).order_by(Change.id)
            rows = connection.execute(statement.limit(READ_AT_ONCE + 1)).all()
        if len(rows) > READ_AT_ONCE or (oldest is not None and last_id and last_id < oldest - 1):
            yield RESET
        elif rows:
            yield _event(rows)

    def _begin(self) -> None:
        with self._engine.connect() as connection:
            newest = select(Change.id).order_by(Change.id.desc()).limit(LOOK_BACK)
            rows = connection.execute(newest).all()
        self._last = rows[0].id if rows else 0
        self._seen = {row.id for row in rows}
        self._thread = threading.Thread(target=self._follow, name="change-feed", daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while True:
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return
            try:
                rows = self._look()
            except SQLAlchemyError as error:
                log.warning("the feed of changes could not be read: %s", error)
                time.sleep(2)
                continue
            if rows:
                self._tell(_event(rows))
            time.sleep(LOOK_EVERY_S)

    def _look(self) -> list[Row]:
        """Entries nobody was told of yet, oldest first."""
        with self._engine.connect() as connection:
            rows = self._late(connection) if connection.dialect.name != "sqlite" else []
            rows += connection.execute(_ENTRIES.where(Change.id > self._last).limit(READ_AT_ONCE)).all()
        self._last = max([self._last, *(row.id for row in rows)])
        self._seen = {key for key in (*self._seen, *(row.id for row in rows)) if key > self._last - LOOK_BACK}
        return rows

    def _late(self, connection: Connection) -> list[Row]:
        """Entries below the newest one told that became visible after it."""
        is_near = Change.id.between(self._last - LOOK_BACK + 1, self._last)
        late = set(connection.scalars(select(Change.id).where(is_near))) - self._seen
        return list(connection.execute(_ENTRIES.where(Change.id.in_(late))).all()) if late else []

    def _tell(self, event: Event) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener.events.put_nowait(event)
            except queue.Full:
                listener.is_late = True


def _event(rows: Sequence) -> Event:
    topics = dict.fromkeys(topic for row in rows for topic in topics_of(row.topic, row.data or {}))
    return Event(max(row.id for row in rows), tuple(topics))
